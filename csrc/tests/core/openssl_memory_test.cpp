// Memory that OpenSSL has from csrc/link: what its large buffers hold, and how much of them is resident.
#include <malloc.h>
#include <openssl/buffer.h>
#include <openssl/err.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "../harness/harness.h"
#include "../transport/client_dtls.h"
#include "core/openssl.h"

namespace {

using Buffer = std::unique_ptr<BUF_MEM, sora::OpensslDeleter<BUF_MEM_free>>;

// What OpenSSL asks for to put a handshake's messages together, and, with a session, to read records and to keep those that come
// too early.
constexpr size_t kMessages = 16'384, kRecord = 16'717, kEarlyRecords = 15'336;

// Of the pages that lie within these bytes as a whole.
size_t ResidentPages(const void* memory, size_t size) {
  const size_t page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  const uintptr_t begin = (reinterpret_cast<uintptr_t>(memory) + page - 1) / page * page;
  const uintptr_t end = (reinterpret_cast<uintptr_t>(memory) + size) / page * page;
  std::vector<unsigned char> pages((end - begin) / page);
  REQUIRE_EQ(mincore(reinterpret_cast<void*>(begin), end - begin, pages.data()), 0);
  return static_cast<size_t>(std::count_if(pages.begin(), pages.end(), [](unsigned char flags) { return flags & 1; }));
}

bool AreZeros(const char* from, const char* to) {
  return std::all_of(from, to, [](char byte) { return byte == 0; });
}

// Two ends of DTLS 1.2 that have shaken hands.
struct Association {
  sora::SslSession client, server;

  Association(SSL_CTX* client_context, SSL_CTX* server_context)
      : client(SSL_new(client_context)), server(SSL_new(server_context)) {
    BIO *near = nullptr, *far = nullptr;
    REQUIRE_EQ(BIO_new_bio_dgram_pair(&near, 0, &far, 0), 1);
    SSL_set_bio(client.get(), near, near);
    SSL_set_bio(server.get(), far, far);
    for (SSL* const end : {client.get(), server.get()}) SSL_set_mtu(end, 1200);
    SSL_set_connect_state(client.get());
    SSL_set_accept_state(server.get());
    bool done = false;
    for (int turn = 0; turn < 20 && !done; ++turn) {
      const int here = SSL_do_handshake(client.get()), there = SSL_do_handshake(server.get());
      done = here == 1 && there == 1;
    }
    REQUIRE(done);
    // Libwebrtc looks for data after each datagram.
    char byte;
    for (SSL* const end : {client.get(), server.get()}) REQUIRE_EQ(SSL_read(end, &byte, 1), -1);
    ERR_clear_error();
  }
};

size_t InHeap() {
  const struct mallinfo2 info = mallinfo2();
  return info.uordblks + info.hblkhd;
}

}  // namespace

TEST(openssl_buffers_are_resident_only_where_they_are_written_to) {
  const Buffer buffer(BUF_MEM_new());
  REQUIRE_EQ(BUF_MEM_grow(buffer.get(), kMessages), kMessages);
  REQUIRE_EQ(ResidentPages(buffer->data, kMessages), 0);
  std::fill_n(buffer->data, 5000, 'x');
  REQUIRE_EQ(ResidentPages(buffer->data, kMessages), 2);
  // As OpenSSL does before each message.
  REQUIRE_EQ(BUF_MEM_grow_clean(buffer.get(), 700), 700);
  REQUIRE_EQ(ResidentPages(buffer->data, kMessages), 1);
  for (const size_t size : {kRecord, kEarlyRecords}) {
    std::vector<void*> blocks;
    // More than are kept with their pages.
    for (int i = 0; i < 20; ++i) blocks.push_back(OPENSSL_malloc(size));
    size_t resident = 0;
    for (void* const block : blocks) {
      REQUIRE(block);
      resident += ResidentPages(block, size);
      std::fill_n(static_cast<char*>(block), size, 'x');
    }
    REQUIRE(resident <= 8 * 6);
    for (void* const block : blocks) OPENSSL_free(block);
  }
}

TEST(openssl_buffers_hold_what_is_written_and_zeros_behind_it) {
  std::mt19937 random(20);
  const auto below = [&](size_t limit) { return std::uniform_int_distribution<size_t>(0, limit - 1)(random); };
  for (int round = 0; round < 300; ++round) {
    const Buffer buffer(BUF_MEM_new_ex(round % 3 == 0 ? BUF_MEM_FLAG_SECURE : 0));
    std::string content;
    for (int step = 0; step < 12; ++step) {
      const size_t length = 1 + below(step % 4 == 3 ? 60'000 : 24'000);
      const bool clean = below(2) == 0;
      const size_t before = std::min(content.size(), length);
      REQUIRE_EQ((clean ? BUF_MEM_grow_clean : BUF_MEM_grow)(buffer.get(), length), length);
      REQUIRE_EQ(buffer->length, length);
      REQUIRE(buffer->max >= length);
      REQUIRE(std::equal(buffer->data, buffer->data + before, content.begin()));
      REQUIRE(AreZeros(buffer->data + before, buffer->data + length));
      if (clean && content.size() > length) REQUIRE(AreZeros(buffer->data + length, buffer->data + content.size()));
      content.assign(buffer->data, length);
      std::generate(content.begin() + static_cast<ptrdiff_t>(below(length)), content.end(),
                    [&] { return static_cast<char>(random()); });
      std::copy(content.begin(), content.end(), buffer->data);
    }
  }
}

TEST(openssl_refuses_a_buffer_whose_size_is_no_int) {
  const Buffer buffer(BUF_MEM_new());
  REQUIRE_EQ(BUF_MEM_grow(buffer.get(), 0x5ffffffd), 0);
  REQUIRE_EQ(ERR_GET_REASON(ERR_get_error()), ERR_R_PASSED_INVALID_ARGUMENT);
  REQUIRE_EQ(BUF_MEM_grow_clean(buffer.get(), 0x5ffffffd), 0);
  REQUIRE_EQ(ERR_GET_LIB(ERR_get_error()), ERR_LIB_BUF);
  REQUIRE_EQ(BUF_MEM_grow(buffer.get(), 1), 1);
}

TEST(openssl_moves_blocks_that_outgrow_their_pages) {
  auto* block = static_cast<char*>(OPENSSL_malloc(kRecord));
  REQUIRE(block);
  std::fill_n(block, kRecord, 'x');
  for (const size_t size : {kRecord + 5000, size_t{40'000}, size_t{400'000}, size_t{10}}) {
    block = static_cast<char*>(OPENSSL_realloc(block, size));
    REQUIRE(block);
    REQUIRE(std::all_of(block, block + std::min(size, kRecord), [](char byte) { return byte == 'x'; }));
  }
  OPENSSL_free(block);
}

TEST(openssl_has_the_large_buffers_of_dtls_outside_of_the_heap) {
  sora::ReleaseIdleBuffers();
  const test::ClientContext client;
  const sora::SslContext server(SSL_CTX_new(DTLS_server_method()));
  REQUIRE(server);
  REQUIRE_EQ(SSL_CTX_use_certificate(server.get(), SSL_CTX_get0_certificate(client.get())), 1);
  REQUIRE_EQ(SSL_CTX_use_PrivateKey(server.get(), SSL_CTX_get0_privatekey(client.get())), 1);
  SSL_CTX_set_options(server.get(), SSL_OP_NO_QUERY_MTU);
  constexpr int kCount = 20;
  std::vector<std::unique_ptr<Association>> associations;
  const auto add = [&] { associations.push_back(std::make_unique<Association>(client.get(), server.get())); };
  add();  // OpenSSL makes much when it is first needed
  const size_t before = InHeap();
  for (int i = 0; i < kCount; ++i) add();
  // Less than these alone take, without all the rest of a session.
  REQUIRE(InHeap() - before < 2 * kCount * (kMessages + kRecord + kEarlyRecords));
}
