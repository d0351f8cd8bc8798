#include "rest/request_path.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "core/java_hash.h"
#include "core/letters.h"

namespace millrace {
namespace {

bool is_utf8(std::string_view text) {
  while (!text.empty())
    if (!next_code_point(text).valid) return false;
  return true;
}

std::optional<std::string> decode(std::string_view text, bool plus_is_blank) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && plus_is_blank) {
      out += ' ';
    } else if (text[i] != '%') {
      out += text[i];
    } else {
      const int high = i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
      const int low = i + 2 < text.size() ? hex_digit(text[i + 2]) : -1;
      if (high < 0 || low < 0) return std::nullopt;
      out += static_cast<char>(high * 16 + low);
      i += 2;
    }
  }
  if (!is_utf8(out)) return std::nullopt;
  return out;
}

bool illegal(char c) {
  return static_cast<unsigned char>(c) <= ' ' || c == '\x7F' ||
         std::string_view{"\"<>\\^`{|}#"}.find(c) != std::string_view::npos;
}

std::optional<BadPath> parse_query(std::string_view text, RequestPath& out) {
  while (!text.empty()) {
    const std::string_view part = text.substr(0, text.find('&'));
    text.remove_prefix(std::min(text.size(), part.size() + 1));
    if (part.empty()) continue;
    const std::size_t equals = part.find('=');
    auto name = decode(part.substr(0, equals), true);
    auto value = decode(equals == std::string_view::npos ? std::string_view{} : part.substr(equals + 1), true);
    if (!name || !value) return BadPath::illegal;
    out.query.emplace_back(std::move(*name), std::move(*value));
  }
  return std::nullopt;
}

}  // namespace

std::optional<BadPath> parse_path(std::string_view target, RequestPath& out) {
  if (!target.starts_with('/') || std::ranges::any_of(target, illegal)) return BadPath::illegal;
  const std::size_t mark = target.find('?');
  std::string_view path = target.substr(0, mark);
  if (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
  for (path.remove_prefix(1); !path.empty();) {
    const std::size_t slash = path.find('/');
    const std::string_view raw = path.substr(0, slash);
    auto segment = decode(raw, false);
    if (!segment) return BadPath::illegal;
    if (segment->empty() || *segment == "." || *segment == "..") return BadPath::ambiguous;
    out.segments.push_back(std::move(*segment));
    if (slash == std::string_view::npos) break;
    path.remove_prefix(slash + 1);
    if (path.empty()) return BadPath::ambiguous;
  }
  return mark == std::string_view::npos ? std::nullopt : parse_query(target.substr(mark + 1), out);
}

std::string encode_segment(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = byte < 0x80 && (std::isalnum(byte) != 0 ||
                                       std::string_view{"-._~!$&'()*+,;=:@"}.find(c) != std::string_view::npos);
    if (plain) out += c;
    else out += fmt::format("%{:02X}", byte);
  }
  return out;
}

}  // namespace millrace
