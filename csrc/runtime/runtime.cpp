#include "runtime/runtime.h"

#include <chrono>
#include <future>
#include <system_error>
#include <thread>

#include "api/audio_codecs/opus_audio_decoder_factory.h"
#include "api/audio_codecs/opus_audio_encoder_factory.h"
#include "api/enable_media.h"
#include "core/field_trials.h"
#include "core/openssl.h"
#include "core/srtp.h"
#include "runtime/audio_level.h"
#include "runtime/audio_mixer.h"
#include "runtime/call_timers.h"
#include "runtime/thread_priorities.h"
#include "runtime/video_engine.h"
#include "net/network_monitor.h"
#include "os/thread.h"
#include "rtc_base/logging.h"
#include "rtc_base/network.h"
#include "rtc_base/ssl_adapter.h"

namespace sora {
namespace {

// Many connections that are made in a row ask once: eight threads take a third of a millisecond.
constexpr std::chrono::milliseconds kThreadsRemembered(500);

Error NoThread(const std::string& what) {
  return Error(SORA_ERROR_LIMIT, "cannot start a thread for " + what + ": " + ThreadLimit());
}

// For the log.
std::string Priorities(bool raised) {
  if (!raised) return "those of the process";
  try {
    return ThreadPriorities();
  } catch (const Error& error) {
    return error.what();
  }
}

void Start(rtc::Thread& thread, const char* name) {
  thread.SetName(name, nullptr);
  if (!thread.Start()) throw NoThread(name);
}

}  // namespace

std::shared_ptr<Runtime> Runtime::Create(std::shared_ptr<EventQueue> queue, const CodecEngines& codecs, bool raise_threads) {
  // The thread that will end the runtime exists from the beginning: at the end it would be too late to report that none can be
  // started. Until then it runs the task queues that got no thread of their own.
  auto last = std::make_shared<std::promise<Runtime*>>();
  auto shared = std::make_shared<TaskRunner>();
  try {
    std::thread([shared, ended = last->get_future()]() mutable {
      shared->Run();
      Runtime* const runtime = ended.get();
      if (!runtime) return;
      const auto queue = runtime->queue_;
      const uint32_t handle = runtime->factory_handle_;
      delete runtime;
      if (handle) queue->Push(SORA_EVENT_CLOSED, handle);
    }).detach();
  } catch (const std::system_error&) {
    throw NoThread("libwebrtc");
  }
  Runtime* runtime = nullptr;
  try {
    runtime = new Runtime(std::move(queue), codecs, shared, raise_threads);
  } catch (...) {
    last->set_value(nullptr);
    shared->Stop();
    throw;
  }
  return std::shared_ptr<Runtime>(runtime, [last, shared](Runtime* runtime) {
    last->set_value(runtime);
    shared->Stop();
  });
}

Runtime::Runtime(std::shared_ptr<EventQueue> queue, const CodecEngines& codecs, std::shared_ptr<TaskRunner> shared,
                 bool raise_threads)
    : queue_(std::move(queue)),
      codecs_(codecs),
      video_{codecs.Encoded(), codecs.Decoded(), UndecodableFormats(codecs.Encoded(), codecs.Decoded())},
      raises_threads_(raise_threads) {
  [[maybe_unused]] static const bool once = [] {
    rtc::LogMessage::LogToDebug(rtc::LS_NONE);
    rtc::LogMessage::SetLogToStderr(false);
    return true;
  }();

  auto sockets = PacketSockets::Create();
  sockets_ = sockets.get();
  monitors_ = CreateNetworkMonitorFactory(*sockets);
  network_ = std::make_unique<TimerThread>(std::move(sockets));
  Start(*network_, "sora-network");
  signaling_ = rtc::Thread::Create();
  Start(*signaling_, "sora-signaling");
  if (raise_threads) network_->PostTask([] { RaiseThread(ThreadRole::kNetwork); });
  RTC_LOG(LS_INFO) << "Priorities of threads: " << Priorities(raise_threads);

  audio_ = AudioDevice::Create(raise_threads);
  // On its own thread, so that JavaScript goes on meanwhile. Everything that needs the factory comes to that thread after it.
  signaling_->PostTask([this, shared = std::move(shared)]() mutable { CreateFactory(std::move(shared)); });
}

void Runtime::CreateFactory(std::shared_ptr<TaskRunner> shared) {
  static const bool initialised = rtc::InitializeSSL();
  if (!initialised) return;  // see RequireFactory
  ReleaseIdleBuffers();

  webrtc::PeerConnectionFactoryDependencies dependencies;
  dependencies.network_thread = network_.get();
  // The same one: a packet is handled where it arrives, instead of waking another thread for each.
  dependencies.worker_thread = network_.get();
  dependencies.signaling_thread = signaling_.get();
  dependencies.trials = std::make_unique<FieldTrials>();
  auto networks = std::make_unique<Networks>(monitors_.get(), network_->socketserver(), dependencies.trials.get());
  networks_ = networks.get();
  dependencies.network_manager = std::move(networks);
  dependencies.task_queue_factory = CreateTaskQueueFactory(std::move(shared), raises_threads_);
  auto logs = std::make_unique<KeyFrameLogFactory>(CreateLevelLogFactory(), [&network = *network_] { network.OnMedia(); });
  logs_ = logs.get();
  dependencies.event_log_factory = std::move(logs);
  dependencies.adm = audio_;
  dependencies.audio_mixer = AudioMixer::Create();
  dependencies.audio_encoder_factory = MeasureLevels(webrtc::CreateOpusAudioEncoderFactory());
  dependencies.audio_decoder_factory = webrtc::CreateOpusAudioDecoderFactory();
  dependencies.video_encoder_factory = codecs_.CreateEncoderFactory(failures_);
  dependencies.video_decoder_factory = codecs_.CreateDecoderFactory(failures_);
  webrtc::EnableMedia(dependencies);
  dependencies.media_factory = ShareVideoCodecs(RelaxCallTimers(std::move(dependencies.media_factory), *network_));
  factory_ = webrtc::CreateModularPeerConnectionFactory(std::move(dependencies));
  if (!factory_) return;  // see RequireFactory

  webrtc::PeerConnectionFactoryInterface::Options options;
  options.network_ignore_mask = 0;  // machines and containers with only a loopback interface connect as well
  options.crypto_options.srtp.enable_gcm_crypto_suites = true;
  factory_->SetOptions(options);
  // While the first connection waits for its server.
  network_->PostTask([] { KeepSrtp(); });
}

void Runtime::RequireThreads() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  if (now < threads_until_.load(std::memory_order_relaxed)) return;
  sora::RequireThreads();
  threads_until_.store(now + kThreadsRemembered, std::memory_order_relaxed);
}

webrtc::PeerConnectionFactoryInterface& Runtime::factory() {
  signaling_->BlockingCall([] {});
  RequireFactory();
  return *factory_;
}

void Runtime::RequireFactory() const {
  if (!factory_)
    throw Error(SORA_ERROR_INTERNAL, "libwebrtc made no peer connection factory, or OpenSSL failed to initialise");
}

webrtc::RTCErrorOr<rtc::scoped_refptr<webrtc::PeerConnectionInterface>> Runtime::CreateConnection(
    const webrtc::PeerConnectionInterface::RTCConfiguration& configuration, webrtc::PeerConnectionDependencies dependencies,
    OnKeyFrameRequest on_request) {
  logs_->SetNext(std::move(on_request));
  auto connection = factory_->CreatePeerConnectionOrError(configuration, std::move(dependencies));
  logs_->SetNext(nullptr);
  return connection;
}

Runtime::~Runtime() {
  signaling_->BlockingCall([this] { factory_ = nullptr; });  // which may still be being made
  signaling_->Stop();
  network_->Stop();
}

}  // namespace sora
