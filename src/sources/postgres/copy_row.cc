#include <cstring>

#include "core/letters.h"
#include "sources/postgres/snapshot.h"

namespace millrace::postgres {
namespace {

int octal_digit(const char* at, const char* end) { return at < end && *at >= '0' && *at <= '7' ? *at - '0' : -1; }
int hex_digit_before(const char* at, const char* end) { return at < end ? hex_digit(*at) : -1; }

// Writes what follows a backslash at `from` to `to`; gives the place behind it. The server itself writes only the
// one-letter forms; the numeric ones are part of the format.
const char* unescape(const char* from, const char* end, char*& to) {
  const char c = *from++;
  switch (c) {
    case 'b': *to++ = '\b'; return from;
    case 'f': *to++ = '\f'; return from;
    case 'n': *to++ = '\n'; return from;
    case 'r': *to++ = '\r'; return from;
    case 't': *to++ = '\t'; return from;
    case 'v': *to++ = '\v'; return from;
    case 'x': {
      if (hex_digit_before(from, end) < 0) break;
      int value = hex_digit_before(from++, end);
      if (hex_digit_before(from, end) >= 0) value = value * 16 + hex_digit_before(from++, end);
      *to++ = static_cast<char>(value);
      return from;
    }
    default:
      if (octal_digit(from - 1, end) >= 0) {
        int value = 0;
        --from;
        for (int i = 0; i < 3 && octal_digit(from, end) >= 0; ++i) value = value * 8 + octal_digit(from++, end);
        *to++ = static_cast<char>(value);
        return from;
      }
  }
  *to++ = c;
  return from;
}

}  // namespace

bool split_copy_row(std::string& line, std::vector<pgoutput::TupleValue>& fields) {
  using Kind = pgoutput::TupleValue::Kind;
  fields.clear();
  if (!line.empty() && line.back() == '\n') line.pop_back();
  char* from = line.data();
  char* const end = from + line.size();
  while (true) {
    char* tab = static_cast<char*>(std::memchr(from, '\t', static_cast<std::size_t>(end - from)));
    char* const stop = tab == nullptr ? end : tab;
    char* escape = static_cast<char*>(std::memchr(from, '\\', static_cast<std::size_t>(stop - from)));
    if (escape == nullptr) [[likely]] {
      fields.push_back({Kind::text, {from, static_cast<std::size_t>(stop - from)}});
    } else if (stop - from == 2 && from[0] == '\\' && from[1] == 'N') {
      fields.push_back({Kind::null, {}});
    } else {
      char* to = escape;
      const char* at = escape;
      while (at < stop) {
        if (*at != '\\') {
          *to++ = *at++;
        } else {
          if (++at == stop) return false;
          at = unescape(at, stop, to);
        }
      }
      fields.push_back({Kind::text, {from, static_cast<std::size_t>(to - from)}});
    }
    if (tab == nullptr) return true;
    from = tab + 1;
  }
}

}  // namespace millrace::postgres
