#include "core/time_zone.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace millrace {
namespace {

TEST(TimeZone, NamesThatAreNoneSayWhy) {
  for (const char* name : {"Europe/", "Europe", "Europe/Nowhere"}) {   // the first two are folders of the tz database
    const auto zone = TimeZone::named(name);
    ASSERT_FALSE(zone) << name;
    EXPECT_THAT(zone.error().text, testing::HasSubstr(std::string{"'"} + name + "' is not in the tz database")) << name;
  }
  for (const char* name : {"../etc/passwd", "/etc/passwd", "", "+19:00"}) {
    const auto zone = TimeZone::named(name);
    ASSERT_FALSE(zone) << name;
    EXPECT_THAT(zone.error().text, testing::HasSubstr("is neither a place")) << name;
  }
}

}  // namespace
}  // namespace millrace
