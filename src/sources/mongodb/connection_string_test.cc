#include "sources/mongodb/connection_string.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace millrace::mongodb {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

std::string reason(std::string_view text) {
  const auto parsed = parse_connection_string(text);
  EXPECT_FALSE(parsed) << text;
  return parsed ? std::string{} : parsed.error().text;
}

TEST(ConnectionString, IsTakenApart) {
  const ConnectionString string =
      parse_connection_string("mongodb://us%40er:p%3Aw@a:1,[::1]:27018,c/db.coll?replicaSet=rs0&TLS=true;w=1&&").value();
  EXPECT_EQ(string.user, "us@er");
  EXPECT_EQ(string.password, "p:w");
  EXPECT_EQ(string.hosts, "a:1,[::1]:27018,c");
  EXPECT_EQ(string.database, "db");
  EXPECT_THAT(string.options, ElementsAre(Pair("replicaset", "rs0"), Pair("tls", "true"), Pair("w", "1")));
  EXPECT_EQ(string.text(), "mongodb://us%40er:p%3Aw@a:1,[::1]:27018,c/db?replicaset=rs0&tls=true&w=1");
  EXPECT_TRUE(string.option_is_true("tls"));
  EXPECT_EQ(string.option("nothing"), nullptr);
}

TEST(ConnectionString, NeedsNeitherUserNorDatabase) {
  const ConnectionString string = parse_connection_string("mongodb+srv://h.example.org").value();
  EXPECT_TRUE(string.srv);
  EXPECT_FALSE(string.user || string.password);
  EXPECT_EQ(string.text(), "mongodb+srv://h.example.org/");
  EXPECT_FALSE(parse_connection_string("mongodb://u@h/").value().password);
}

TEST(ConnectionString, ErrorsSayWhatIsWrong) {
  EXPECT_THAT(reason("127.0.0.1:27017"), HasSubstr("must begin with mongodb://"));
  EXPECT_THAT(reason(" mongodb://h/"), HasSubstr("without a blank before"));
  EXPECT_THAT(reason("mongodb://"), HasSubstr("a host name is missing"));
  EXPECT_THAT(reason("mongodb://a,,b/"), HasSubstr("a host name is missing"));
  EXPECT_THAT(reason("mongodb://h:abc/"), HasSubstr("no port"));
  EXPECT_THAT(reason("mongodb://h:0/"), HasSubstr("no port"));
  EXPECT_THAT(reason("mongodb://h:65536/"), HasSubstr("no port"));
  EXPECT_THAT(reason("mongodb://[::1/"), HasSubstr("closing bracket"));
  EXPECT_THAT(reason("mongodb://h?replicaSet=rs0"), HasSubstr("a / is needed"));
  EXPECT_THAT(reason("mongodb://h/?replicaSet"), HasSubstr("name=value"));
  EXPECT_THAT(reason("mongodb+srv://h:1/"), HasSubstr("has no port"));
  EXPECT_THAT(reason("mongodb+srv://h,i/"), HasSubstr("one host name"));
  EXPECT_THAT(reason("mongodb://:p@h/"), HasSubstr("no user name"));
  for (const char* text : {"mongodb://u:p@ss@h/", "mongodb://u:p:s@h/", "mongodb://u:p%4@h/", "mongodb://u:p@ss/word@h:1/?a=b"})
    EXPECT_THAT(reason(text), HasSubstr("must be percent-encoded")) << text;
}

TEST(PercentEncoding, GoesBothWays) {
  std::string all;
  for (int c = 0; c < 256; ++c) all += static_cast<char>(c);
  EXPECT_EQ(percent_decoded(percent_encoded(all)), all);
  EXPECT_EQ(percent_encoded("aZ0-._~ /"), "aZ0-._~%20%2F");
  EXPECT_FALSE(percent_decoded("%"));
  EXPECT_FALSE(percent_decoded("a%4"));
  EXPECT_FALSE(percent_decoded("%-1"));
}

}  // namespace
}  // namespace millrace::mongodb
