#include "core/credentials.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/evp.h>

#include <string>

namespace millrace {
namespace {

using testing::StartsWith;

// Made by keytool of Java 17, each with a key pair or the certificate of one, CN=user.
constexpr const char* k_key_jks =
    "/u3+7QAAAAIAAAABAAAAAQAEdXNlcgAAAaIk07jEAAAAfzB9MA4GCisGAQQBKgIRAQEFAARrxpNrMr+sk/NwH7V3bfSOzfSiqPK52w2OTMSalS"
    "ihakML5yiBXB0/txCFTvPKBCMrAVBxjw4S6hz7DuMd4STWwlOodzBlAem+ZmPSO2NEaPMWwUPXSJQ7gTw8j11n7pnaXUdixCOPftGaO6MAAAAB"
    "AAVYLjUwOQAAATwwggE4MIHeoAMCAQICCQDNVSTdhnIfvDAKBggqhkjOPQQDAjAPMQ0wCwYDVQQDEwR1c2VyMCAXDTI2MTEyOTAxMDMwNFoYDz"
    "IxMjYxMTA1MDEwMzA0WjAPMQ0wCwYDVQQDEwR1c2VyMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAETQJTpNHiWfrQmur5lREbFusBJJT2H3HX"
    "m94GP/5RBnD7BHH02ojlU+yK2WmPv7uriiqcGIddasd3iXm2rLt6PaMhMB8wHQYDVR0OBBYEFB3gUcGdd7s08BXKwfGlvx4/p6wjMAoGCCqGSM"
    "49BAMCA0kAMEYCIQDkIUyS7smdkPcUX70PmDEJzQ+yWq423i2WdiE86gEP7AIhAKZcBau7RUEuD0fPOK1iEqda+Dk5bcphw41dcF4M3q02k7zu"
    "MCkYQnJ17+pHYXak7mcVE1w=";
constexpr const char* k_trust_jks =
    "/u3+7QAAAAIAAAABAAAAAgACY2EAAAGiJNO7ZQAFWC41MDkAAAE8MIIBODCB3qADAgECAgkAzVUk3YZyH7wwCgYIKoZIzj0EAwIwDzENMAsGA1"
    "UEAxMEdXNlcjAgFw0yNjExMjkwMTAzMDRaGA8yMTI2MTEwNTAxMDMwNFowDzENMAsGA1UEAxMEdXNlcjBZMBMGByqGSM49AgEGCCqGSM49AwEH"
    "A0IABE0CU6TR4ln60Jrq+ZURGxbrASSU9h9x15veBj/+UQZw+wRx9NqI5VPsitlpj7+7q4oqnBiHXWrHd4l5tqy7ej2jITAfMB0GA1UdDgQWBB"
    "Qd4FHBnXe7NPAVysHxpb8eP6esIzAKBggqhkjOPQQDAgNJADBGAiEA5CFMku7JnZD3FF+9D5gxCc0PslquNt4tlnYhPOoBD+wCIQCmXAWru0VB"
    "Lg9HzzitYhKnWvg5OW3KYcONXXBeDN6tNviVllvzlkrasugpSLN02buzLwlT";
constexpr const char* k_key_p12 =
    "MIID3AIBAzCCA4YGCSqGSIb3DQEHAaCCA3cEggNzMIIDbzCCASYGCSqGSIb3DQEHAaCCARcEggETMIIBDzCCAQsGCyqGSIb3DQEMCgECoIG9MI"
    "G6MGYGCSqGSIb3DQEFDTBZMDgGCSqGSIb3DQEFDDArBBQsJ/2oPwPl33R9qGWzPfw4hlxCJQICJxACASAwDAYIKoZIhvcNAgkFADAdBglghkgB"
    "ZQMEASoEEKBaKz1xYAtW8z48H4S/hNkEUMfcdRMN/M1hXkTpEnTBSQQSDp75FYNIb+sEFK96trveE6LgLHw1JuTdKem0Ayo+7Nd9+2ph7HEvPt"
    "1sXMMks/nq0bs8p6Q0kfpCHTRI2/7cMTwwFwYJKoZIhvcNAQkUMQoeCAB1AHMAZQByMCEGCSqGSIb3DQEJFTEUBBJUaW1lIDE3OTU5MTQyNTUz"
    "MzYwggJBBgkqhkiG9w0BBwagggIyMIICLgIBADCCAicGCSqGSIb3DQEHATBmBgkqhkiG9w0BBQ0wWTA4BgkqhkiG9w0BBQwwKwQUzgI2HH6Z3f"
    "3YSd5u5KafWe2k8okCAicQAgEgMAwGCCqGSIb3DQIJBQAwHQYJYIZIAWUDBAEqBBDJFcw7p2Ad2uhg1MQg653/gIIBsJULe4gAE3+ydlsmYgzw"
    "cK8AIG10nDyPXaSOwsQ3rmZ2vsXi9pC5Z/yw75FjQv0n0n3fOhF8EveCVCptRYV4Q4xc2p2VbwHWlZCRcqcMoVWnhILe1Ixll1O0/xtXOFROLu"
    "BjBepQs5jm7gNl96Dw9Jiy9j+5fPNstvX39args41dbe9EGr/ztW8sAwYMUb2ExjV4Q3zxmHJMb60SuNQWGk50tZ+CZBvIMcgEysBozvemtkuK"
    "vjYJ737nzGUr9ida2LTMxq3OJ1peZ/Ju9vvBwP8FebBA7YT6v2hesJcK98e2JbbLYLccGXrmcM3njO93aawgnjgBS5Nt7c0YC3RVKwWmlDyH0z"
    "TodzdaQ4lVrhd8PGtjVOeOkmkRKKyoR1GkrXUKehSjeOIQP0g1tuIaZpnbli9LUHvajBwHR7uMTTyqCXI4hacCF40NhsbxLZMT05Mcj2AiDpFf"
    "wG0dij1qpIEXac4HMKuxgUGlKLEjRCLiYklDyUazEpuq72WNWS1St92LGoN9M5oeSIhU+RcEqN9KMzDVirO+nL+2ApriK8T2BkoA5jgqpYpm9J"
    "06ZeLe2TBNMDEwDQYJYIZIAWUDBAIBBQAEIHSsLb0vQqD2Gk1lxN63FfWvIZieMPvutGJOlf5a7EuwBBSg98O4xtTOCopQx8MPM/LKZZ2TDQIC"
    "JxA=";
constexpr const char* k_trust_p12 =
    "MIICogIBAzCCAkwGCSqGSIb3DQEHAaCCAj0EggI5MIICNTCCAjEGCSqGSIb3DQEHBqCCAiIwggIeAgEAMIICFwYJKoZIhvcNAQcBMGYGCSqGSI"
    "b3DQEFDTBZMDgGCSqGSIb3DQEFDDArBBSRMJbiax0EcZkUsQMvfO8L4V0M8AICJxACASAwDAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEEIsX"
    "RMechL/MuzJ+SESJlfyAggGgCs6/fwwRPC2tblMnfvi+mHX49m/uPFRnJOU2sSfxZeEu1RTmLWyjCvV2l9ylzLQ4YvuuVxh62/z5mT8j77QiLm"
    "aFjlE0jUNIRRNIpANQEr2e1d6WLIjmxI9jAfLwt5NCxNlWq6jF69lNod+W4NB/XUofw8HyQyBtSXQe6f2GsYgQODnN19qiAKqjeBjMjgZzHshp"
    "HIjBPXTwnQ8i3dXJY2wCqBXnVaDCDAEcrjaJFXCY8qOmNuIO+mA6ioexiZ+3u02bQaszvAjCzyKE/+EeKvUcHdllQObAxxyv4fVzXN/0rC4+25"
    "IT5INFCfOoaM0543aXfNrxYyjGaKedtZlwfd+RVPICWdks0hfxX/90jH0x1z8j2hLnBout/TirsZ+jLmS7WBnUgySTEsTO0NxxBm2LHVxlc8sr"
    "7tN/LkkdfdO+uA4g3sFhbW8pm4ZQPYAFKmO1KZng9svdSBNZlyx+R6Jr9hXxDyHZdSb25SK+tFlK3y7cDvi/uWx7e0T9K0Q8026msIbpEyHIpU"
    "PoN2Iv/56ENsl7IS/zmB4w9GT78pMwTTAxMA0GCWCGSAFlAwQCAQUABCCUxA8kN7yRfb6CNPyH45mLTbvNgVTitIqTvWkbf3ziNQQUQI2pfNip"
    "dFDiN2zGMit/PWkFRswCAicQ";
// -J-Dkeystore.pkcs12.legacy: RC2, as up to Java 8u301
constexpr const char* k_legacy_p12 =
    "MIICVgIBAzCCAg8GCSqGSIb3DQEHAaCCAgAEggH8MIIB+DCCAfQGCSqGSIb3DQEHBqCCAeUwggHhAgEAMIIB2gYJKoZIhvcNAQcBMCkGCiqGSI"
    "b3DQEMAQYwGwQUbaSR0AtMaA4hWxGDBDmLh400iAsCAwDDUICCAaDX5M2FczNr7vobMsGpNF6jIuSVQr62KEe2FkUfmIsZea71PUHApBAYsMkQ"
    "88gE/ObDvw2M4xP/ei/zIAZC39SQHJoFRl3X/zAf1LYsXr4l9H2bP1JHz7Ji2CGdr2PIL72h+3Yql7Cx3IMu092ip29TQ+3YR3OB4g6dfTu0Tl"
    "7dPxuhlyIKLTEBSTkaG8ilv8dTw0i3+zf0mobgdyvXjs38WfLch+QscogRQNMqeBKb7+7BYpSW3Zc0XPGTAPDZhZ4O0iBk4J9pnz78SSSv+oUE"
    "4CSPgZj0anyER7tTkNdGhbTiQG2ijM6gCwwxx2EUJ2LQukDClMNmjgMWMER1rmPOcnj28o668OYEtiwgi3SQNPyFmDQ60txxSyEZSNF1cucMPD"
    "p6sYJsmO8//92A4q3+c1Uwju/FyVxHvWBDtaDJKVgKJ/nJQc9pLoL8obh7xbF+3RqjPJ1uEPo/3Dw8L0r6qxYs6l8stHC2V267lG8vq1Au0zr5"
    "n8yOiB7qjV1XigOmzmzq7KfaZQDhEufTCdIeVGL7PdcbCP2l4ZmDHhkB1DA+MCEwCQYFKw4DAhoFAAQUQTNq3/uwuyWD6q5Uf3n6eMG6Z4kEFG"
    "vZ7svvAaU7idTF4DDkpfdaJe1rAgMBhqA=";
constexpr const char* k_user_pem =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBODCB3qADAgECAgkAzVUk3YZyH7wwCgYIKoZIzj0EAwIwDzENMAsGA1UEAxME\n"
    "dXNlcjAgFw0yNjExMjkwMTAzMDRaGA8yMTI2MTEwNTAxMDMwNFowDzENMAsGA1UE\n"
    "AxMEdXNlcjBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABE0CU6TR4ln60Jrq+ZUR\n"
    "GxbrASSU9h9x15veBj/+UQZw+wRx9NqI5VPsitlpj7+7q4oqnBiHXWrHd4l5tqy7\n"
    "ej2jITAfMB0GA1UdDgQWBBQd4FHBnXe7NPAVysHxpb8eP6esIzAKBggqhkjOPQQD\n"
    "AgNJADBGAiEA5CFMku7JnZD3FF+9D5gxCc0PslquNt4tlnYhPOoBD+wCIQCmXAWr\n"
    "u0VBLg9HzzitYhKnWvg5OW3KYcONXXBeDN6tNg==\n"
    "-----END CERTIFICATE-----\n";

std::string bytes_of(std::string_view base64) {
  std::string out(base64.size(), '\0');
  const int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(out.data()), reinterpret_cast<const unsigned char*>(base64.data()),
                                   static_cast<int>(base64.size()));
  out.resize(static_cast<std::size_t>(size) - (base64.ends_with("==") ? 2 : base64.ends_with("=") ? 1 : 0));
  return out;
}

TEST(Credentials, FormsAreToldByTheirBytes) {
  EXPECT_EQ(credential_form(bytes_of(k_key_jks)), CredentialForm::jks);
  EXPECT_EQ(credential_form(bytes_of(k_trust_p12)), CredentialForm::pkcs12);
  EXPECT_EQ(credential_form("Bag Attributes\n-----BEGIN CERTIFICATE-----\n"), CredentialForm::pem);
  EXPECT_EQ(credential_form("\xCE\xCE\xCE\xCE"), CredentialForm::jceks);
  EXPECT_EQ(credential_form("text"), CredentialForm::unknown);
  EXPECT_EQ(credential_form(""), CredentialForm::unknown);
}

TEST(Credentials, JavasStoresOfTrustedCertificates) {
  for (const char* store : {k_trust_p12, k_legacy_p12}) {
    const auto content = read_pkcs12(bytes_of(store), "changeit");
    ASSERT_TRUE(content);
    EXPECT_EQ(content->certificates, k_user_pem);
    EXPECT_EQ(content->key, "");
    EXPECT_EQ(read_pkcs12(bytes_of(store), "wrong").error(), CredentialFault::locked);
    EXPECT_EQ(read_pkcs12(bytes_of(store), "").error(), CredentialFault::locked);
  }
  const auto jks = read_jks(bytes_of(k_trust_jks), "changeit");
  ASSERT_TRUE(jks);
  EXPECT_EQ(jks->certificates, k_user_pem);
  EXPECT_EQ(jks->key, "");
  EXPECT_EQ(read_jks(bytes_of(k_trust_jks), "wrong").error(), CredentialFault::locked);
  EXPECT_EQ(read_jks(bytes_of(k_trust_jks), "")->certificates, k_user_pem);   // unchecked, as Java does
}

TEST(Credentials, JavasStoresOfAKey) {
  const auto p12 = read_pkcs12(bytes_of(k_key_p12), "secret");
  ASSERT_TRUE(p12);
  EXPECT_THAT(p12->key, StartsWith("-----BEGIN PRIVATE KEY-----"));
  EXPECT_TRUE(is_key_of(p12->key, p12->certificates));
  const auto jks = read_jks(bytes_of(k_key_jks), "p\xc3\xa4ss12");
  ASSERT_TRUE(jks);
  EXPECT_EQ(jks->certificates, k_user_pem);
  EXPECT_TRUE(is_key_of(jks->key, jks->certificates));
  EXPECT_FALSE(is_key_of(jks->key, p12->certificates));
  EXPECT_FALSE(is_key_of(jks->key, ""));
  EXPECT_EQ(read_jks(bytes_of(k_key_jks), "pass12").error(), CredentialFault::locked);
  EXPECT_EQ(read_jks(bytes_of(k_key_jks), "")->key, "");
}

// Cut anywhere, or with a byte changed: a fault, and nothing read beyond the end.
TEST(Credentials, DamagedStoresAreFaults) {
  const std::string jks = bytes_of(k_key_jks), p12 = bytes_of(k_key_p12);
  for (std::size_t size = 0; size < jks.size(); ++size) {
    EXPECT_FALSE(read_jks(jks.substr(0, size), "p\xc3\xa4ss12")) << size;
    (void)read_jks(jks.substr(0, size), "");
  }
  for (std::size_t size = 0; size < p12.size(); size += 7) EXPECT_FALSE(read_pkcs12(p12.substr(0, size), "secret")) << size;
  for (std::size_t at = 0; at < jks.size(); ++at) {
    std::string changed = jks;
    changed[at] = static_cast<char>(changed[at] ^ 0x55);
    EXPECT_FALSE(read_jks(changed, "p\xc3\xa4ss12")) << at;
    (void)read_jks(changed, "");
  }
  EXPECT_EQ(read_pkcs12("no store", "").error(), CredentialFault::malformed);
  EXPECT_EQ(read_jks("no store at all, of no form", "").error(), CredentialFault::malformed);
}

TEST(Credentials, FilesThatAreNotThereOrNoFiles) {
  const auto none = read_credential_file("/no/such.pem");
  ASSERT_TRUE(none);
  EXPECT_FALSE(*none);
  EXPECT_EQ(read_credential_file("/tmp").error().text, "Is a directory");
  EXPECT_THAT(read_credential_file("/dev/zero").error().text, StartsWith("it is larger than 16 MiB"));
}

}  // namespace
}  // namespace millrace
