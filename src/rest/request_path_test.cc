#include "rest/request_path.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace millrace {
namespace {

using testing::ElementsAre;
using testing::Pair;

RequestPath parse(std::string_view target) {
  RequestPath path;
  EXPECT_EQ(parse_path(target, path), std::nullopt) << target;
  return path;
}

std::optional<BadPath> why_bad(std::string_view target) {
  RequestPath path;
  return parse_path(target, path);
}

TEST(RequestPath, SegmentsAreDecodedOneByOne) {
  EXPECT_THAT(parse("/connectors/a%20b-%3Ec/config").segments, ElementsAre("connectors", "a b->c", "config"));
  EXPECT_THAT(parse("/connectors/a%2Fb%25").segments, ElementsAre("connectors", "a/b%"));
  EXPECT_THAT(parse("/connectors/%C3%A9+x").segments, ElementsAre("connectors", "é+x"));
}

TEST(RequestPath, OneSlashAtTheEndDoesNotCount) {
  EXPECT_THAT(parse("/connectors/").segments, ElementsAre("connectors"));
  EXPECT_TRUE(parse("/").segments.empty());
  EXPECT_TRUE(parse("/?x=1").segments.empty());
}

TEST(RequestPath, QueryIsKeptInOrderAndDecoded) {
  EXPECT_THAT(parse("/connectors?expand=status&expand=in%66o&&flag&a=b+c=d").query,
              ElementsAre(Pair("expand", "status"), Pair("expand", "info"), Pair("flag", ""), Pair("a", "b c=d")));
}

TEST(RequestPath, EmptyAndDotSegmentsAreAmbiguous) {
  for (const auto* target : {"//connectors", "/connectors//a", "/connectors//", "/a/../b", "/./a", "/a/%2e%2E"})
    EXPECT_EQ(why_bad(target), BadPath::ambiguous) << target;
}

TEST(RequestPath, WhatAUriCannotHoldIsIllegal) {
  for (const auto* target : {"/a>b", "/a b", "/a\"b", "/a|b", "/a%", "/a%2", "/a%zz", "/%FF", "/a#b", "x", "", "*"})
    EXPECT_EQ(why_bad(target), BadPath::illegal) << target;
}

TEST(RequestPath, LocationsLeadBackToTheName) {
  EXPECT_EQ(encode_segment("é %x"), "%C3%A9%20%25x");
  EXPECT_EQ(encode_segment("a/b"), "a%2Fb");
  EXPECT_EQ(encode_segment("c1-_.~:@!$&'()*+,;="), "c1-_.~:@!$&'()*+,;=");
}

RC_GTEST_PROP(RequestPath, EncodedNamesAreDecodedToThemselves, ()) {
  const auto name = *rc::gen::container<std::string>(rc::gen::inRange<char>(1, 127));
  RC_PRE(!name.empty() && name != "." && name != "..");
  RC_ASSERT(parse("/connectors/" + encode_segment(name)).segments.back() == name);
}

}  // namespace
}  // namespace millrace
