// Replies of a server, as the JSON that FakeMongo takes. Only for tests.
#pragma once

#include <cstdio>
#include <string>

namespace millrace::mongodb {

// A resume token as mongod makes it, of the time (seconds, 1).
inline std::string token(unsigned seconds) {
  char hex[32];
  std::snprintf(hex, sizeof hex, "82%08X%08X2B04", seconds, 1U);
  return std::string{R"({"_data":")"} + hex + "\"}";
}

// More members begin with a comma.
inline std::string event(const std::string& operation, unsigned seconds, const std::string& more = "") {
  return R"({"_id":)" + token(seconds) + R"(,"operationType":")" + operation + R"(","clusterTime":{"$timestamp":{"t":)" +
         std::to_string(seconds) + R"(,"i":1}},"ns":{"db":"d","coll":"c"},"documentKey":{"_id":)" + std::to_string(seconds) + "}" + more + "}";
}

inline std::string cursor(const char* batch, const std::string& events, const std::string& resume_token, int id = 7) {
  return R"({"ok":1,"cursor":{"id":{"$numberLong":")" + std::to_string(id) + R"("},"ns":"d.c",")" + batch + "\":[" + events + "]" +
         (resume_token.empty() ? "" : R"(,"postBatchResumeToken":)" + resume_token) + R"(},"operationTime":{"$timestamp":{"t":50,"i":1}}})";
}

inline std::string refusal(int code, const std::string& text) {
  return R"({"ok":0,"code":)" + std::to_string(code) + R"(,"errmsg":")" + text + "\"}";
}

}  // namespace millrace::mongodb
