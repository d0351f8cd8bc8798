// What the tests of this folder make documents and change events with. Only for tests.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sources/mongodb/bson_view.h"

namespace millrace::mongodb {

using BsonBytes = std::vector<std::uint8_t>;

// A document of raw elements, written byte by byte: also what no library would write.
class DocumentOf {
 public:
  DocumentOf& int32(std::string_view name, std::int32_t value) { return element(0x10, name, little_endian(value, 4)); }
  DocumentOf& int64(std::string_view name, std::int64_t value) { return element(0x12, name, little_endian(value, 8)); }
  DocumentOf& text(std::string_view name, std::string_view value) { return element(0x02, name, sized_text(value)); }
  DocumentOf& date(std::string_view name, std::int64_t ms) { return element(0x09, name, little_endian(ms, 8)); }
  DocumentOf& null(std::string_view name) { return element(0x0A, name, {}); }
  DocumentOf& timestamp(std::string_view name, std::uint32_t seconds, std::uint32_t increment) {
    return element(0x11, name, little_endian(std::int64_t{increment} | std::int64_t{seconds} << 32, 8));
  }
  DocumentOf& document(std::string_view name, const DocumentOf& value) { return element(0x03, name, value.string()); }
  DocumentOf& array(std::string_view name, const DocumentOf& value) { return element(0x04, name, value.string()); }
  DocumentOf& element(std::uint8_t type, std::string_view name, std::string_view payload) {
    elements_ += static_cast<char>(type);
    elements_ += name;
    elements_ += '\0';
    elements_ += payload;
    return *this;
  }

  std::string string() const {
    return little_endian(static_cast<std::int64_t>(elements_.size() + 5), 4) + elements_ + '\0';
  }
  BsonBytes bytes() const {
    const std::string document = string();
    return {document.begin(), document.end()};
  }

 private:
  static std::string little_endian(std::int64_t value, int size) {
    std::string bytes;
    for (int i = 0; i < size; ++i) bytes += static_cast<char>(static_cast<std::uint64_t>(value) >> (8 * i) & 0xFF);
    return bytes;
  }
  static std::string sized_text(std::string_view value) {
    return little_endian(static_cast<std::int64_t>(value.size() + 1), 4) + std::string{value} + '\0';
  }

  std::string elements_;
};

// An event of commerce.events with the members that every server sends.
inline DocumentOf event_of(std::string_view operation) {
  DocumentOf event;
  event.document("_id", DocumentOf{}.text("_data", "82AA01"))
      .text("operationType", operation)
      .timestamp("clusterTime", 1'700'000'000, 7)
      .document("ns", DocumentOf{}.text("db", "commerce").text("coll", "events"))
      .document("documentKey", DocumentOf{}.int32("_id", 5));
  return event;
}

}  // namespace millrace::mongodb
