// Addresses of sockets, and the names and addresses of hosts, as the system's own headers declare them.
#ifndef SORA_OS_SOCKETS_H
#define SORA_OS_SOCKETS_H

#ifdef _WIN32
#include <winsock2.h>
#include <ws2tcpip.h>
using sa_family_t = ADDRESS_FAMILY;
#else
#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#endif

#endif
