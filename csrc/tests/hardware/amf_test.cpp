// What is AMF's own: its interface, which is declared by hand, and what its encoders and decoders do differently from others.
#include <cstring>

#include "codecs/amf/interface.h"
#include "support.h"

namespace {

constexpr double kLeastPsnr = 30;

const test::Driver& Amf() { return test::DriverOf("AMD_AMF"); }

// The place of a virtual function in its table. A pointer to it has that in bytes, and a bit (Itanium C++ ABI, 2.3).
template <typename Member>
int SlotOf(Member member) {
  uintptr_t place = 0;
  std::memcpy(&place, &member, sizeof(place));
  return static_cast<int>((place & ~uintptr_t{1}) / sizeof(void*));
}

// Counted in the tables for C of AMF's headers (AMFComponentVtbl and so on, version 1.5.2).
TEST(AMFs_interface_has_its_functions_where_the_runtime_has_them) {
  REQUIRE_EQ(SlotOf(&amf::Interface::QueryInterface), 2);
  REQUIRE_EQ(SlotOf(&amf::PropertyStorage::SetProperty), 3);
  REQUIRE_EQ(SlotOf(&amf::PropertyStorage::GetProperty), 4);
  REQUIRE_EQ(SlotOf(&amf::Component::Init), 17);
  REQUIRE_EQ(SlotOf(&amf::Component::Terminate), 19);
  REQUIRE_EQ(SlotOf(&amf::Component::Drain), 20);
  REQUIRE_EQ(SlotOf(&amf::Component::SubmitInput), 22);
  REQUIRE_EQ(SlotOf(&amf::Component::QueryOutput), 23);
  REQUIRE_EQ(SlotOf(&amf::Component::GetCaps), 26);
  REQUIRE_EQ(SlotOf(&amf::Context::Terminate), 13);
  REQUIRE_EQ(SlotOf(&amf::Context::AllocBuffer), 43);
  REQUIRE_EQ(SlotOf(&amf::Context::AllocSurface), 44);
  REQUIRE_EQ(SlotOf(&amf::Context::InitVulkan), 58);
  REQUIRE_EQ(SlotOf(&amf::Data::GetMemoryType), 13);
  REQUIRE_EQ(SlotOf(&amf::Data::Convert), 15);
  REQUIRE_EQ(SlotOf(&amf::Data::SetPts), 19);
  REQUIRE_EQ(SlotOf(&amf::Buffer::SetSize), 23);
  REQUIRE_EQ(SlotOf(&amf::Buffer::GetSize), 24);
  REQUIRE_EQ(SlotOf(&amf::Buffer::GetNative), 25);
  REQUIRE_EQ(SlotOf(&amf::Surface::GetFormat), 23);
  REQUIRE_EQ(SlotOf(&amf::Surface::GetPlane), 26);
  REQUIRE_EQ(SlotOf(&amf::Plane::GetNative), 4);
  REQUIRE_EQ(SlotOf(&amf::Plane::GetOffsetX), 6);
  REQUIRE_EQ(SlotOf(&amf::Plane::GetHPitch), 10);
  REQUIRE_EQ(SlotOf(&amf::Caps::GetAccelerationType), 13);
  REQUIRE_EQ(SlotOf(&amf::Caps::GetInputCaps), 14);
  REQUIRE_EQ(SlotOf(&amf::IoCaps::GetWidthRange), 3);
  REQUIRE_EQ(SlotOf(&amf::IoCaps::GetHeightRange), 4);
  REQUIRE_EQ(SlotOf(&amf::Factory::CreateContext), 0);
  REQUIRE_EQ(SlotOf(&amf::Factory::CreateComponent), 1);
}

// The middle of a frame.
webrtc::VideoFrame Middle(const webrtc::VideoFrame& frame, int width, int height) {
  const auto whole = frame.video_frame_buffer();
  return webrtc::VideoFrame::Builder()
      .set_video_frame_buffer(whole->CropAndScale((whole->width() - width) / 2 & ~1, (whole->height() - height) / 2 & ~1,
                                                  width, height, width, height))
      .build();
}

TEST(AMF_codes_the_middle_of_AV1_where_the_device_codes_multiples_alone) {
  const auto& driver = Amf();
  driver.Reset();
  for (const auto& [alignment, width, height, expected] :
       {std::tuple(0, 402, 250, 2), std::tuple(802, 400, 250, 4), std::tuple(6416, 384, 240, 4)}) {
    driver.Set("alignment", alignment);
    {
      const auto engines = test::Engines({"AV1", driver.engine, driver.engine});
      test::Failures failures;
      test::Sender sends(engines, "AV1", 402, 250, 800, failures);
      test::Receiver receives(engines, "AV1", failures);
      REQUIRE_EQ(sends.encoder().requested_resolution_alignment, expected);
      for (int i = 0; i < 5; ++i) {
        REQUIRE_EQ(sends.Next(), 0);
        REQUIRE_EQ(sends.image->_encodedWidth, static_cast<uint32_t>(width));
        REQUIRE_EQ(sends.image->_encodedHeight, static_cast<uint32_t>(height));
        REQUIRE_EQ(receives.Decode(*sends.image), 0);
        REQUIRE_EQ(receives.decoded.last->width(), width);
        REQUIRE_EQ(receives.decoded.last->height(), height);
        REQUIRE(test::Psnr(Middle(*sends.source, width, height), *receives.decoded.last) >= kLeastPsnr);
      }
      REQUIRE_EQ(failures.texts.size(), 0u);
    }
    driver.Set("alignment", 0);
  }
  driver.Reset();
}

TEST(AMF_codes_fewer_frames_a_second_at_the_same_rate_without_a_key_frame) {
  const auto& driver = Amf();
  for (const char* codec : {"AV1", "H264"}) {
    driver.Reset();
    {
      test::Clock clock;
      const auto engines = test::Engines({codec, driver.engine, ""});
      test::Failures failures;
      test::Sender sends(engines, codec, 320, 240, 300, failures);
      REQUIRE_EQ(sends.Next(), 0);
      clock.Advance(1000);
      // 10 kbit for each frame, as before.
      sends.SetRate(100, 10);
      const size_t before = sends.bytes;
      for (int i = 0; i < 100; ++i) {
        REQUIRE_EQ(sends.Next(), 0);
        clock.Advance(100);
      }
      REQUIRE_EQ(sends.keys, 1);
      const double share = static_cast<double>(sends.bytes - before) * 8 / 1'000'000;
      if (share < 0.7 || share > 1.15)
        test::Fail(__FILE__, __LINE__, std::string(codec) + " took " + std::to_string(share) + " of the rate");
    }
    driver.Reset();
  }
}

TEST(AMF_opens_the_device_again_that_was_lost) {
  const auto& driver = Amf();
  driver.Reset();
  {
    test::Clock clock;
    const auto engines = test::Engines({"H264", driver.engine, driver.engine});
    test::Failures failures;
    test::Sender sends(engines, "H264", 320, 240, 500, failures);
    test::Receiver receives(engines, "H264", failures);
    driver.Set("lost_frame", 5);
    for (int i = 0; i < 10; ++i) {
      sends.Next();
      if (sends.image) receives.Decode(*sends.image);
      clock.Advance(33);
    }
    REQUIRE(sends.image == nullptr);
    REQUIRE(!failures.texts.empty());
    driver.Set("lost_frame", 0);
    clock.Advance(1000);
    REQUIRE_EQ(sends.Next(), 0);
    REQUIRE(sends.image != nullptr);
    REQUIRE_EQ(receives.Decode(*sends.image), 0);
    REQUIRE(test::Psnr(*sends.source, *receives.decoded.last) >= kLeastPsnr);
  }
  driver.Reset();
}

TEST(AMF_decodes_the_frames_of_one_buffer_and_shows_the_last) {
  const auto& driver = Amf();
  driver.Reset();
  {
    const auto engines = test::Engines({"H264", driver.engine, driver.engine});
    test::Failures failures;
    test::Sender sends(engines, "H264", 320, 240, 500, failures);
    test::Receiver receives(engines, "H264", failures);
    std::vector<uint8_t> bytes;
    for (int i = 0; i < 2; ++i) {
      REQUIRE_EQ(sends.Next(), 0);
      bytes.insert(bytes.end(), sends.image->data(), sends.image->data() + sends.image->size());
    }
    REQUIRE_EQ(receives.Decode(test::KeyFrame(bytes)), 0);
    REQUIRE_EQ(receives.decoded.count, 1);
    REQUIRE(test::Psnr(*sends.source, *receives.decoded.last) >= kLeastPsnr);
    REQUIRE_EQ(sends.Next(), 0);
    REQUIRE_EQ(receives.Decode(*sends.image), 0);
    REQUIRE(test::Psnr(*sends.source, *receives.decoded.last) >= kLeastPsnr);
  }
  driver.Reset();
}

TEST(AMF_says_both_versions_where_its_runtime_is_too_old) {
  const auto& driver = Amf();
  driver.Reset();
  driver.Set("version", 103);
  std::string text;
  try {
    test::Engines({"H264", driver.engine, ""}).Encoded();
  } catch (const std::exception& error) {
    text = error.what();
  }
  REQUIRE_HAS(text,
              "AMD_AMF cannot encode H264: the AMF runtime is too old: its version is 1.3.0.0, and needed is 1.4.18.0");
  driver.Reset();
}

}  // namespace
