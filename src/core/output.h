// Output is append-only, contiguous memory. Writers reserve() before they write and advance() after; when the
// memory ends, grow() moves what is written so far to a larger piece (rare: the only virtual call).
// Threads: one. Lifetime: pointers from reserve() are dead after the next reserve().
#pragma once

#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>

namespace millrace {

class Output {
 public:
  virtual ~Output() = default;

  // At least `size` writable bytes.
  char* reserve(std::size_t size) {
    if (static_cast<std::size_t>(end_ - at_) < size) [[unlikely]] grow(size);
    return at_;
  }
  void advance(std::size_t size) { at_ += size; }
  void append(std::string_view text) {
    if (text.empty()) return;   // memcpy takes no null pointers
    std::memcpy(reserve(text.size()), text.data(), text.size());
    at_ += text.size();
  }
  void append(char c) {
    *reserve(1) = c;
    ++at_;
  }
  std::string_view written() const { return {begin_, static_cast<std::size_t>(at_ - begin_)}; }

 protected:
  // Makes at least `size` bytes free behind what is written; sets begin_, at_, end_.
  virtual void grow(std::size_t size) = 0;

  char* begin_ = nullptr;
  char* at_ = nullptr;
  char* end_ = nullptr;
};

// An Output that keeps its memory between uses: keys, tests, everything that is copied afterwards.
class StringOutput final : public Output {
 public:
  void clear() { at_ = begin_; }

 private:
  void grow(std::size_t size) override {
    const auto used = static_cast<std::size_t>(at_ - begin_);
    memory_.resize((used + size) * 2 + 256);
    begin_ = memory_.data();
    at_ = begin_ + used;
    end_ = begin_ + memory_.size();
  }
  std::string memory_;
};

}  // namespace millrace
