#include "connect/offset_store.h"

#include <cstdint>
#include <mutex>
#include <string_view>
#include <utility>

#include "connect/offset_file.h"

namespace millrace {
namespace {

constexpr int k_read_ms = 60'000;   // Connect's default.api.timeout.ms
constexpr std::string_view k_whole = "1", k_begun = "begun";   // values of our header

void append_unicode_escape(std::uint32_t unit, std::string& out) {
  constexpr std::string_view k_hex = "0123456789ABCDEF";
  out += "\\u";
  for (int shift = 12; shift >= 0; shift -= 4) out += k_hex[unit >> shift & 0xF];
}

// Jackson's text of a string: short escapes, upper-case hex, and characters beyond the BMP as two escapes.
std::string jackson_string(std::string_view text) {
  std::string out = "\"";
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const auto next = [&](std::size_t n) { return static_cast<unsigned char>(text[i + n]) & 0x3FU; };
    if (byte == '"' || byte == '\\') {
      (out += '\\') += text[i];
    } else if (constexpr std::string_view k_short = "\b\t\n\f\r"; k_short.find(text[i]) != k_short.npos) {
      (out += '\\') += "btnfr"[k_short.find(text[i])];
    } else if (byte < ' ') {
      append_unicode_escape(byte, out);
    } else if (byte >= 0xF0 && i + 3 < text.size()) {
      const std::uint32_t code = ((byte & 7U) << 18 | next(1) << 12 | next(2) << 6 | next(3)) - 0x10000;
      append_unicode_escape(0xD800 + (code >> 10), out);
      append_unicode_escape(0xDC00 + (code & 0x3FF), out);
      i += 3;
    } else {
      out += text[i];
    }
  }
  return out += '"';
}

class TopicStore final : public TopicOffsetStore {
 public:
  std::function<void(const kafka::LogRecord&)> on_record() override {
    return [this](const kafka::LogRecord& record) {
      const std::scoped_lock lock{mutex_};
      if (record.value) {
        offsets_.insert_or_assign(std::string{record.key}, Checkpoint{.offset = std::string{*record.value}, .whole = !record.mark.empty(), .shown = record.mark != k_begun});
      } else {
        offsets_.erase(std::string{record.key});
      }
    };
  }

  void attach(std::unique_ptr<kafka::TopicLog> log) override { log_ = std::move(log); }

  Result<std::optional<Checkpoint>> read(const std::string& key) override {
    MR_CHECK(read_to_end());
    const std::scoped_lock lock{mutex_};
    const auto at = offsets_.find(key);
    return at == offsets_.end() ? std::optional<Checkpoint>{} : at->second;
  }

  void write(std::string key, std::optional<Checkpoint> place, std::function<void(Result<void>)> done) override {
    const std::string_view mark = !place || !place->whole ? std::string_view{} : place->shown ? k_whole : k_begun;
    auto value = place ? std::optional{std::move(place->offset)} : std::nullopt;
    log_->write(std::move(key), std::move(value), mark, [done = std::move(done)](Result<std::int64_t> written) {
      if (written) {
        done({});
      } else {
        done(std::unexpected{std::move(written).error()});
      }
    });
  }

  Result<std::vector<std::pair<std::string, Checkpoint>>> of_connector(const std::string& connector) override {
    MR_CHECK(read_to_end());
    const std::scoped_lock lock{mutex_};
    std::vector<std::pair<std::string, Checkpoint>> out;
    for (const auto& [key, place] : offsets_)
      if (is_key_of(key, connector)) out.emplace_back(key, place);
    return out;
  }

 private:
  Result<void> read_to_end() {
    auto done = log_->read_to_end(k_read_ms);
    if (done) return {};
    return std::unexpected{std::move(done).error().as_cause_of("Failed to read from the offsets topic", k_connect_exception)};
  }

  std::mutex mutex_;
  std::map<std::string, Checkpoint> offsets_;   // guarded by mutex_
  std::unique_ptr<kafka::TopicLog> log_;          // last: it ends first, and with it the calls of on_record()
};

}  // namespace

std::string offset_key(std::string_view connector, std::string_view partition_json) {
  std::string out = "[" + jackson_string(connector) + ",";
  out += partition_json;
  return out += ']';
}

std::unique_ptr<TopicOffsetStore> TopicOffsetStore::create() { return std::make_unique<TopicStore>(); }

}  // namespace millrace
