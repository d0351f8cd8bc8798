// TextCursor appends to a std::string that it keeps larger than what is written, so that writers ask for room once per
// piece and not per byte. Its end, the destructor, cuts the string to what was written.
// Threads: one. Lifetime: dies before anybody reads the string; pointers of room() are dead after the next room().
#pragma once

#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>

namespace millrace::mongodb {

class TextCursor {
 public:
  TextCursor(std::string& out, std::size_t expected) : out_{out} { widen(out.size(), expected); }
  ~TextCursor() { out_.resize(written()); }
  TextCursor(const TextCursor&) = delete;
  TextCursor& operator=(const TextCursor&) = delete;

  // At least `size` writable bytes; what was written of them is told with set_end().
  char* room(std::size_t size) {
    if (static_cast<std::size_t>(end_ - at_) < size) [[unlikely]] widen(written(), size);
    return at_;
  }
  void set_end(char* end) { at_ = end; }
  void append(std::string_view text) {
    std::memcpy(room(text.size()), text.data(), text.size());
    at_ += text.size();
  }
  void append(char c) {
    *room(1) = c;
    ++at_;
  }

 private:
  std::size_t written() const { return static_cast<std::size_t>(at_ - out_.data()); }
  void widen(std::size_t used, std::size_t size) {
    // Not resize(), which would touch all of it: the pages of a large document count once they are written.
    out_.resize_and_overwrite(used + size + used / 2, [](char*, std::size_t all) { return all; });
    at_ = out_.data() + used;
    end_ = out_.data() + out_.size();
  }

  std::string& out_;
  char* at_ = nullptr;
  char* end_ = nullptr;
};

}  // namespace millrace::mongodb
