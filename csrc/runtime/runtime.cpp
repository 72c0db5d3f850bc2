#include "runtime/runtime.h"

#include <future>
#include <system_error>
#include <thread>

#include "api/audio_codecs/opus_audio_decoder_factory.h"
#include "api/audio_codecs/opus_audio_encoder_factory.h"
#include "api/enable_media.h"
#include "core/field_trials.h"
#include "runtime/audio_device.h"
#include "runtime/audio_level.h"
#include "runtime/audio_mixer.h"
#include "runtime/thread_priorities.h"
#include "net/network_monitor.h"
#include "os/thread.h"
#include "rtc_base/logging.h"
#include "rtc_base/network.h"
#include "rtc_base/ssl_adapter.h"

namespace sora {
namespace {

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

std::unique_ptr<rtc::Thread> Start(std::unique_ptr<rtc::Thread> thread, const char* name) {
  thread->SetName(name, nullptr);
  if (!thread->Start()) throw NoThread(name);
  return thread;
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
  static const bool once = [] {
    rtc::LogMessage::LogToDebug(rtc::LS_NONE);
    rtc::LogMessage::SetLogToStderr(false);
    return rtc::InitializeSSL();
  }();
  if (!once) throw Error(SORA_ERROR_INTERNAL, "OpenSSL failed to initialise");

  auto sockets = PacketSockets::Create();
  sockets_ = sockets.get();
  monitors_ = CreateNetworkMonitorFactory(*sockets);
  network_ = Start(std::make_unique<rtc::Thread>(std::move(sockets)), "sora-network");
  worker_ = Start(rtc::Thread::Create(), "sora-worker");
  signaling_ = Start(rtc::Thread::Create(), "sora-signaling");
  if (raise_threads) {
    for (rtc::Thread* thread : {network_.get(), worker_.get()}) thread->PostTask([] { RaiseThread(ThreadRole::kNetwork); });
  }
  RTC_LOG(LS_INFO) << "Priorities of threads: " << Priorities(raise_threads);

  webrtc::PeerConnectionFactoryDependencies dependencies;
  dependencies.network_thread = network_.get();
  dependencies.worker_thread = worker_.get();
  dependencies.signaling_thread = signaling_.get();
  dependencies.trials = std::make_unique<FieldTrials>();
  auto networks =
      std::make_unique<rtc::BasicNetworkManager>(monitors_.get(), network_->socketserver(), dependencies.trials.get());
  networks_ = networks.get();
  dependencies.network_manager = std::move(networks);
  dependencies.task_queue_factory = CreateTaskQueueFactory(std::move(shared), raise_threads);
  auto logs = std::make_unique<KeyFrameLogFactory>(CreateLevelLogFactory());
  logs_ = logs.get();
  dependencies.event_log_factory = std::move(logs);
  dependencies.adm = AudioDevice::Create(raise_threads);
  dependencies.audio_mixer = AudioMixer::Create();
  dependencies.audio_encoder_factory = MeasureLevels(webrtc::CreateOpusAudioEncoderFactory());
  dependencies.audio_decoder_factory = webrtc::CreateOpusAudioDecoderFactory();
  dependencies.video_encoder_factory = codecs.CreateEncoderFactory(failures_);
  dependencies.video_decoder_factory = codecs.CreateDecoderFactory(failures_);
  webrtc::EnableMedia(dependencies);
  factory_ = webrtc::CreateModularPeerConnectionFactory(std::move(dependencies));
  if (!factory_) throw Error(SORA_ERROR_INTERNAL, "libwebrtc made no peer connection factory");

  webrtc::PeerConnectionFactoryInterface::Options options;
  options.network_ignore_mask = 0;  // machines and containers with only a loopback interface connect as well
  options.crypto_options.srtp.enable_gcm_crypto_suites = true;
  factory_->SetOptions(options);
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
  factory_ = nullptr;
  if (signaling_) signaling_->Stop();
  if (worker_) worker_->Stop();
  if (network_) network_->Stop();
}

}  // namespace sora
