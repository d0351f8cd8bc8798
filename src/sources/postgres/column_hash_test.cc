#include "sources/postgres/column_hash.h"

#include <gtest/gtest.h>

namespace millrace::postgres {
namespace {

using namespace std::string_view_literals;

struct Case {
  const char* algorithm;
  const char* salt;
  HashInput input;
  std::string_view value;
  const char* digits;
};

// What Debezium's MaskStrings gives.
constexpr Case k_cases[] = {
    {"MD5", "s\u00E9", HashInput::serialized, ""sv,
     "88a2c261d4c164d85fb26038911cf609"},
    {"MD5", "s\u00E9", HashInput::serialized, "Ada"sv,
     "fb265d05b3d532448c773e50614151a7"},
    {"MD5", "s\u00E9", HashInput::serialized, "Zo\u00EB \U0001F600"sv,
     "5cfa2acfb708081ec63a378d7d704ca7"},
    {"MD5", "s\u00E9", HashInput::serialized, "a\0b"sv,
     "96f05cf56c3517bd56e53f7312790dad"},
    {"MD5", "s\u00E9", HashInput::utf8, ""sv,
     "edf40157dec34a70db19f6537f0c9e08"},
    {"MD5", "s\u00E9", HashInput::utf8, "Ada"sv,
     "2e8f9097ffbb04d93a37a61f87ef837e"},
    {"MD5", "s\u00E9", HashInput::utf8, "Zo\u00EB \U0001F600"sv,
     "695dca0e0d9365b58b16085020468715"},
    {"MD5", "s\u00E9", HashInput::utf8, "a\0b"sv,
     "5dc78981bd9d726fcf7b6bcfaae81e3a"},
    {"sha", "s\u00E9", HashInput::serialized, "Zo\u00EB \U0001F600"sv,
     "ce5a1d41667d0a9136f256aacfa0ab9e04eced32"},
    {"sha", "s\u00E9", HashInput::utf8, "Zo\u00EB \U0001F600"sv,
     "00aea0a3ba49923d39deffc88075f5c60cb11a3d"},
    {"SHA-1", "s\u00E9", HashInput::serialized, "Zo\u00EB \U0001F600"sv,
     "ce5a1d41667d0a9136f256aacfa0ab9e04eced32"},
    {"SHA-1", "s\u00E9", HashInput::utf8, "Zo\u00EB \U0001F600"sv,
     "00aea0a3ba49923d39deffc88075f5c60cb11a3d"},
    {"SHA-224", "s\u00E9", HashInput::serialized, "Zo\u00EB \U0001F600"sv,
     "eeff5e8ebc23fb7c547f669fbdafbbdb475a75dd5aadecb99040b280"},
    {"SHA-224", "s\u00E9", HashInput::utf8, "Zo\u00EB \U0001F600"sv,
     "cf49586bf883ad4b5201fb8f2dd5be49134e3a374e8adc67bf31a9dd"},
    {"SHA256", "s\u00E9", HashInput::serialized, "Zo\u00EB \U0001F600"sv,
     "5a20b1c03618bbcb4a13297350659650302f7efc645c1ca7b658488ecfa15fb0"},
    {"SHA256", "s\u00E9", HashInput::utf8, "Zo\u00EB \U0001F600"sv,
     "ee90b211110666abb0cf3055483868c0068db2358027be4a34cc6884a8bcbfe4"},
    {"SHA-384", "s\u00E9", HashInput::serialized, "Zo\u00EB \U0001F600"sv,
     "1cf1e30f5931fdc09ede1b82b8f83d5243dbb9df0cf3263cce66683942597aa561ec764c951e2c7a784a711573318769"},
    {"SHA-384", "s\u00E9", HashInput::utf8, "Zo\u00EB \U0001F600"sv,
     "09cb380e49869444fa18106164011e1d33d7f5070e2f74e66ec2f5a395c38c782c7f6eb23ddfb88364adc9c77777aa42"},
    {"SHA-512", "s\u00E9", HashInput::serialized, "Zo\u00EB \U0001F600"sv,
     "2c9bced920372f9022087baac3a90552c9f40c31e4f1845683c38107bdb8da147fbd75b58f5874ca88299f19c11c44fce7d2f5a55dd621c813595e0683a903c2"},
    {"SHA-512", "s\u00E9", HashInput::utf8, "Zo\u00EB \U0001F600"sv,
     "c023826ddbbf8f565d2652a1a373022ffade17877d79ff78e2c874c0b2b1383a97a972d99bca4d12d01ce1a124975a5865ed0138575b8dcb3698cad1cbee8be0"},
    {"SHA-512/224", "s\u00E9", HashInput::serialized, "Zo\u00EB \U0001F600"sv,
     "9d2edaa6f94c17f9978be772d03705ca7a67e6a8c0b4d99e865b505a"},
    {"SHA-512/224", "s\u00E9", HashInput::utf8, "Zo\u00EB \U0001F600"sv,
     "2c3e5a442fec321f5657ddfac3bfa63acc032c25a6ffb25131c86527"},
    {"sha512/256", "s\u00E9", HashInput::serialized, "Zo\u00EB \U0001F600"sv,
     "9cd69ba8afdc025fc6281a38c4d0b5afe7065b5075c8a0c6c446442d86e1e5cc"},
    {"sha512/256", "s\u00E9", HashInput::utf8, "Zo\u00EB \U0001F600"sv,
     "e443967c72c1c046f453de7d231f6f4062cb9b24674bb2a6527e5d5a953d912d"},
    {"SHA3-224", "s\u00E9", HashInput::serialized, "Zo\u00EB \U0001F600"sv,
     "641ab304434758411c0e6eaa1b725ff4bbcb61eb8b82cd0510d71967"},
    {"SHA3-224", "s\u00E9", HashInput::utf8, "Zo\u00EB \U0001F600"sv,
     "03c4a024090f10ea77638277e2bc194cd6bd16ccbe4e0fc85d871694"},
    {"SHA3-256", "s\u00E9", HashInput::serialized, "Zo\u00EB \U0001F600"sv,
     "f7a317eec4f4fb3b6b84fcc8a5c0e3eaf57c82eade9d9318736c1fc744a67a69"},
    {"SHA3-256", "s\u00E9", HashInput::utf8, "Zo\u00EB \U0001F600"sv,
     "7e4f14380889f9aba1aa8bb94efe8d4687a6a9036029f756c32095806eafb86b"},
    {"SHA3-384", "s\u00E9", HashInput::serialized, "Zo\u00EB \U0001F600"sv,
     "0d7f75f339abe0b7121cb9367349a86024613b3b8cc03db6658b8fd50f84ca640bd1bcb7796cc609b040a9ea8c15ebab"},
    {"SHA3-384", "s\u00E9", HashInput::utf8, "Zo\u00EB \U0001F600"sv,
     "588904b5d640fe7dfd1f0fc7d6fe3293a00a40f81830256f2e1575692a4bb040c7db488cb4577136ca28b0b9eb41612b"},
    {"SHA3-512", "s\u00E9", HashInput::serialized, "Zo\u00EB \U0001F600"sv,
     "24d43b05ba3eed7b373c149af17a9a82465725d790569d0b1264d4acd82af53961dba3ee7cdb706b0b721c2cfdfe7ddfe407f3dc1ffe59114ca7e2faffd8ec38"},
    {"SHA3-512", "s\u00E9", HashInput::utf8, "Zo\u00EB \U0001F600"sv,
     "953add8713f4bc5aa8bf8c4339e72202455167bac5d4ee44bccb208d95048653357ef52d777342adff3d53fd6048bc1d2c0ff89e837392c4e2938128fb2d05bf"},
};

std::string hash_of(std::string_view algorithm, std::string salt, HashInput input, std::string_view value) {
  const auto hash = ColumnHash::create(algorithm, std::move(salt), input);
  if (!hash) return hash.error().text;
  Scratch scratch;
  return std::string{hash->digits_of(value, scratch)};
}

TEST(ColumnHash, AsDebezium) {
  for (const Case& c : k_cases) EXPECT_EQ(hash_of(c.algorithm, c.salt, c.input, c.value), c.digits) << c.algorithm << ' ' << c.value;
}

TEST(ColumnHash, LongTextsAreSerializedWithALengthOfEightBytes) {
  EXPECT_EQ(hash_of("MD5", "s", HashInput::serialized, std::string(65'535, 'a')), "44055358c817342a9e0ada66dba58d05");
  EXPECT_EQ(hash_of("MD5", "s", HashInput::serialized, std::string(65'536, 'a')), "dcae53db01a710bff29c623ae0475776");
}

TEST(ColumnHash, OneHashManyValues) {
  const auto hash = ColumnHash::create("md5", "s\u00E9", HashInput::utf8).value();
  Scratch scratch;
  EXPECT_EQ(hash.digits_of("Ada", scratch), "2e8f9097ffbb04d93a37a61f87ef837e");
  EXPECT_EQ(hash.digits_of("", scratch), "edf40157dec34a70db19f6537f0c9e08");
  EXPECT_EQ(hash.digits_of("Ada", scratch), "2e8f9097ffbb04d93a37a61f87ef837e");
}

TEST(ColumnHash, UnknownAlgorithmsAreNamed) {
  const auto hash = ColumnHash::create("v2", "s", HashInput::utf8);
  ASSERT_FALSE(hash);
  EXPECT_NE(hash.error().text.find("NoSuchAlgorithmException: v2 MessageDigest not available"), std::string::npos);
}

}  // namespace
}  // namespace millrace::postgres
