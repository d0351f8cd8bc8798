// ByteReader walks bytes from outside, big endian, and never reads past their end. After a read beyond
// the end every later read gives zero or an empty view and ok() is false: one check per message is enough.
// Threads: one. Lifetime: views point into the span given.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

namespace millrace {

class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : at_{bytes.data()}, end_{bytes.data() + bytes.size()} {}

  std::uint8_t u8() { return static_cast<std::uint8_t>(number<1>()); }
  std::uint16_t u16() { return static_cast<std::uint16_t>(number<2>()); }
  std::uint32_t u32() { return static_cast<std::uint32_t>(number<4>()); }
  std::uint64_t u64() { return number<8>(); }
  std::int16_t i16() { return static_cast<std::int16_t>(u16()); }
  std::int32_t i32() { return static_cast<std::int32_t>(u32()); }
  std::int64_t i64() { return static_cast<std::int64_t>(u64()); }

  std::string_view bytes(std::size_t size) {
    if (size > remaining()) {
      spoil();
      return {};
    }
    const std::string_view view{at_, size};
    at_ += size;
    return view;
  }

  // Text up to a zero byte, which is consumed and not part of the view.
  std::string_view c_string() {
    const void* zero = remaining() == 0 ? nullptr : std::memchr(at_, 0, remaining());
    if (zero == nullptr) {
      spoil();
      return {};
    }
    const std::string_view view{at_, static_cast<std::size_t>(static_cast<const char*>(zero) - at_)};
    at_ += view.size() + 1;
    return view;
  }

  std::size_t remaining() const { return static_cast<std::size_t>(end_ - at_); }
  bool ok() const { return ok_; }
  bool done() const { return ok_ && at_ == end_; }  // all read, nothing missing

 private:
  template <std::size_t size>
  std::uint64_t number() {
    if (remaining() < size) {
      spoil();
      return 0;
    }
    std::uint64_t value = 0;   // its upper bytes: the number
    std::memcpy(&value, at_, size);
    if constexpr (std::endian::native == std::endian::little) value = std::byteswap(value);
    at_ += size;
    return value >> 8 * (sizeof value - size);
  }

  void spoil() {
    ok_ = false;
    at_ = end_;
  }

  const char* at_;
  const char* end_;
  bool ok_ = true;
};

}  // namespace millrace
