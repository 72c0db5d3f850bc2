// The documents of the C ABI: what is JSON by RFC 8259, and what is written for any text. The fuzz target `options` compares the reader
// with another one.
#include "core/json.h"

#include <string>
#include <string_view>

#include "../harness/harness.h"
#include "core/json_writer.h"

using sora::Json;

TEST(json_reads_every_kind_of_value) {
  const auto json = Json::Parse(
      " {\"a\" : [null,true, false,-0.5e+1 ,12,\"\\u00e9\\ud83d\\ude00\\\"\\\\\\/\\b\\f\\n\\r\\t\",[ ]],\"b\":{ }, \"b\" : "
      "1}\r\n");
  REQUIRE(json && json->object() && json->object()->size() == 3);
  const auto& list = *json->Find("a")->array();
  REQUIRE_EQ(list.size(), 7u);
  REQUIRE(!list[0].boolean() && !list[0].text() && !list[0].array());
  REQUIRE(*list[1].boolean() && !*list[2].boolean());
  REQUIRE(*list[3].number() == -5 && *list[4].number() == 12);
  REQUIRE(*list[5].text() == "\xc3\xa9\xf0\x9f\x98\x80\"\\/\b\f\n\r\t");
  REQUIRE(list[6].array()->empty());
  // The last of a name.
  REQUIRE(*json->Find("b")->number() == 1);
  REQUIRE(!json->Find("c") && !list[6].Find("a"));
}

TEST(json_refuses_what_is_none) {
  for (const std::string_view text : {"", " ", "{", "[1,]", "{\"a\"}", "{\"a\":1,}", "{a:1}", "[1 2]", "1 2", "tru", "True",
                                      "01", "1.", ".5", "+1", "-", "1e", "1e999", "-1e999", "NaN", "\"", "\"\\x\"",
                                      "\"\\u12g4\"", "\"\\ud800\"", "\"\\ud800\\u0041\"", "\"\\udc00\"", "\"\n\"", "'a'",
                                      // Bytes that are no UTF-8: alone, too long, half of a pair, beyond U+10FFFF, cut.
                                      "\"\x80\"", "\"\xc0\x80\"", "\"\xe0\x80\x80\"", "\"\xed\xa0\x80\"",
                                      "\"\xf4\x90\x80\x80\"", "\"\xe2\x82\"", "\xef\xbb\xbf{}"})
    if (Json::Parse(text)) test::Fail(__FILE__, __LINE__, "this was read: " + std::string(text));
  // A NUL ends no text.
  REQUIRE(!Json::Parse(std::string_view("1\0", 2)));
  REQUIRE(!Json::Parse(std::string_view("{}\0{}", 5)));
  // A number that is next to 0 is 0.
  REQUIRE(*Json::Parse("1e-999")->number() == 0);
}

TEST(json_refuses_values_that_are_nested_too_deeply) {
  const auto nested = [](int depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  REQUIRE(Json::Parse(nested(Json::kMaxDepth)));
  REQUIRE(!Json::Parse(nested(Json::kMaxDepth + 1)));
  // The stack does not grow with the text.
  REQUIRE(!Json::Parse(std::string(10'000'000, '[')));
}

TEST(json_is_written_for_any_text) {
  const std::string json = sora::JsonObject()
                               .Add("text", std::string("\"\\\n\0\x1f \x7f\xc3\xa9\xff<\xe2\x82", 13))
                               .Add("flag", true)
                               .Add("count", -3)
                               .Add("list", sora::JsonArray().Add(1u).Add("").Add(sora::JsonObject()))
                               .text();
  REQUIRE_EQ(json,
             "{\"text\":\"\\\"\\\\\\u000a\\u0000\\u001f \x7f\xc3\xa9\xef\xbf\xbd<\xef\xbf\xbd\xef\xbf\xbd\","
             "\"flag\":true,\"count\":-3,\"list\":[1,\"\",{}]}");
}
