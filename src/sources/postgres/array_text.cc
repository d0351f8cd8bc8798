#include "sources/postgres/array_text.h"

namespace millrace::postgres {
namespace {

bool is_null_word(std::string_view text) {
  if (text.size() != 4) return false;
  constexpr std::string_view k_null = "null";
  for (std::size_t i = 0; i < 4; ++i)
    if ((text[i] | 0x20) != k_null[i]) return false;
  return true;
}

}  // namespace

ArrayText::ArrayText(std::string_view text, char delimiter) : rest_{text}, delimiter_{delimiter} {
  // "[0:1][2:3]=" tells lower bounds, which a record does not carry.
  if (rest_.starts_with('[')) {
    const std::size_t equals = rest_.find("={");
    if (equals == std::string_view::npos) spoil();
    else rest_.remove_prefix(equals + 1);
  }
  if (ok_ && (rest_.size() < 2 || rest_.front() != '{' || rest_.back() != '}')) spoil();
  if (ok_) rest_ = rest_.substr(1, rest_.size() - 2);
}

bool ArrayText::spoil() {
  ok_ = false;
  done_ = true;
  return false;
}

bool ArrayText::next(Item& item) {
  if (done_) return false;
  if (first_ && rest_.empty()) {
    done_ = true;
    return false;
  }
  first_ = false;
  item = {};
  if (rest_.empty()) return spoil();   // a delimiter with nothing behind it
  const bool taken = rest_.front() == '"' ? take_quoted(item)
                     : rest_.front() == '{' ? take_nested(item)
                                            : take_plain(item);
  if (!taken) return spoil();
  if (rest_.empty()) {
    done_ = true;
  } else {
    if (rest_.front() != delimiter_) return spoil();
    rest_.remove_prefix(1);
    if (rest_.empty()) return spoil();
  }
  return true;
}

bool ArrayText::take_quoted(Item& item) {
  const std::size_t stop = rest_.find_first_of("\"\\", 1);
  if (stop == std::string_view::npos) return false;
  if (rest_[stop] == '"') {   // nothing escaped: a view will do
    item.text = rest_.substr(1, stop - 1);
    rest_.remove_prefix(stop + 1);
    return true;
  }
  unescaped_.clear();
  for (std::size_t at = 1; at < rest_.size(); ++at) {
    if (rest_[at] == '"') {
      item.text = unescaped_;
      rest_.remove_prefix(at + 1);
      return true;
    }
    if (rest_[at] == '\\' && ++at == rest_.size()) return false;
    unescaped_ += rest_[at];
  }
  return false;
}

bool ArrayText::take_nested(Item& item) {
  std::size_t depth = 0;
  bool quoted = false;
  for (std::size_t at = 0; at < rest_.size(); ++at) {
    const char c = rest_[at];
    if (c == '\\') ++at;
    else if (c == '"') quoted = !quoted;
    else if (!quoted && c == '{') ++depth;
    else if (!quoted && c == '}' && --depth == 0) {
      item.text = rest_.substr(0, at + 1);
      item.is_array = true;
      rest_.remove_prefix(at + 1);
      return true;
    }
  }
  return false;
}

bool ArrayText::take_plain(Item& item) {
  std::size_t end = 0;
  for (; end < rest_.size() && rest_[end] != delimiter_; ++end) {
    const char c = rest_[end];
    if (c == '{' || c == '}' || c == '"' || c == '\\') return false;   // the server quotes what holds one of these
  }
  if (end == 0) return false;
  item.text = rest_.substr(0, end);
  rest_.remove_prefix(end);
  item.is_null = is_null_word(item.text);
  return true;
}

}  // namespace millrace::postgres
