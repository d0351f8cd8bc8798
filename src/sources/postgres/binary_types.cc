// bytea, bit strings, and the raw bytes of types without a converter.
#include <algorithm>
#include <array>
#include <charconv>

#include "core/envelope.h"
#include "core/numbers.h"
#include "sources/postgres/codec_draft.h"

namespace millrace::postgres {
namespace {

// -1: no hexadecimal digit.
constexpr std::array<std::int8_t, 256> k_hex_digit = [] {
  std::array<std::int8_t, 256> table{};
  table.fill(-1);
  for (int i = 0; i < 10; ++i) table[static_cast<std::size_t>('0' + i)] = static_cast<std::int8_t>(i);
  for (int i = 0; i < 6; ++i) {
    table[static_cast<std::size_t>('a' + i)] = static_cast<std::int8_t>(10 + i);
    table[static_cast<std::size_t>('A' + i)] = static_cast<std::int8_t>(10 + i);
  }
  return table;
}();

// "\xDEADBEEF" without its first two characters, into text.size() / 2 bytes.
bool read_hex(std::string_view digits, char* to) {
  if (digits.size() % 2 != 0) return false;
  for (std::size_t i = 0; i < digits.size(); i += 2) {
    const int high = k_hex_digit[static_cast<unsigned char>(digits[i])];
    const int low = k_hex_digit[static_cast<unsigned char>(digits[i + 1])];
    if ((high | low) < 0) return false;
    *to++ = static_cast<char>(high << 4 | low);
  }
  return true;
}

// bytea_output = escape: \\ and \ooo. Returns the end, null when the text is none.
char* read_escaped(std::string_view text, char* to) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') {
      *to++ = text[i];
    } else if (i + 1 < text.size() && text[i + 1] == '\\') {
      *to++ = '\\';
      ++i;
    } else {
      if (i + 3 >= text.size()) return nullptr;
      int value = 0;
      for (std::size_t digit = i + 1; digit <= i + 3; ++digit) {
        if (text[digit] < '0' || text[digit] > '7') return nullptr;
        value = value * 8 + (text[digit] - '0');
      }
      *to++ = static_cast<char>(value);
      i += 3;
    }
  }
  return to;
}

bool read_bytea(std::string_view text, Scratch& scratch, std::string_view& bytes) {
  if (text.starts_with("\\x")) {
    const std::size_t size = (text.size() - 2) / 2;
    char* const place = scratch.bytes(size);
    if (!read_hex(text.substr(2), place)) return false;
    bytes = {place, size};
    return true;
  }
  char* const place = scratch.bytes(text.size());
  const char* const end = read_escaped(text, place);
  if (end == nullptr) return false;
  bytes = {place, static_cast<std::size_t>(end - place)};
  return true;
}

std::string_view as_hex(std::string_view bytes, Scratch& scratch) {
  constexpr std::string_view k_digits = "0123456789abcdef";
  char* const place = scratch.bytes(bytes.size() * 2);
  char* to = place;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    *to++ = k_digits[byte >> 4];
    *to++ = k_digits[byte & 15];
  }
  return {place, bytes.size() * 2};
}

std::string_view as_base64(std::string_view bytes, bool url_safe, Scratch& scratch) {
  char* const place = scratch.bytes(base64_size(bytes.size()));
  const char* const end = write_base64(place, bytes);
  if (url_safe) {
    for (char* at = place; at != end; ++at) {
      if (*at == '+') *at = '-';
      if (*at == '/') *at = '_';
    }
  }
  return {place, static_cast<std::size_t>(end - place)};
}

Result<Datum> decode_bytea(const ColumnCodec& codec, std::string_view text, Scratch& scratch) {
  std::string_view bytes;
  if (!read_bytea(text, scratch, bytes)) return unreadable(codec, "bytea", text);
  return binary_datum(bytes, codec.binary, scratch);
}

// Already in hexadecimal: only the prefix goes.
Result<Datum> decode_bytea_hex(const ColumnCodec& codec, std::string_view text, Scratch& scratch) {
  if (!text.starts_with("\\x")) return decode_bytea(codec, text, scratch);
  return Datum::string(text.substr(2));
}

Result<Datum> decode_bit(const ColumnCodec& codec, std::string_view text, Scratch&) {
  if (text == "1") return Datum::of(true);
  if (text == "0") return Datum::of(false);
  if (text.empty()) return unconvertible(codec, "a varbit(1) without a bit does not convert");
  return unreadable(codec, "bit", text);
}

// In the snapshot pgjdbc gives an object that Debezium's converter of single bits does not know.
Result<Datum> decode_varbit_snapshot(const ColumnCodec& codec, std::string_view, Scratch&) {
  return unconvertible(codec, "a varbit(1) does not convert in the snapshot");
}

// Little endian, the last character is bit 0; bytes above the highest set bit are left out (java.util.BitSet).
Result<Datum> decode_bits(const ColumnCodec& codec, std::string_view text, Scratch& scratch) {
  const std::size_t first = text.find('1');
  const std::size_t used = first == std::string_view::npos ? 0 : text.size() - first;
  const std::size_t size = (used + 7) / 8;
  char* const place = scratch.bytes(size);
  std::fill(place, place + size, '\0');
  for (std::size_t bit = 0; bit < text.size(); ++bit) {
    const char c = text[text.size() - 1 - bit];
    if (c == '1') place[bit / 8] = static_cast<char>(place[bit / 8] | 1 << bit % 8);
    else if (c != '0') return unreadable(codec, "bit", text);
  }
  return Datum::bytes({place, size});
}

Result<Datum> decode_unknown(const ColumnCodec& codec, std::string_view text, Scratch& scratch) {
  return binary_datum(text, codec.binary, scratch);
}

// pgjdbc has classes of its own for these; they print the server's form with Java's numbers: (1,2) is (1.0,2.0).
bool is_figure(std::uint32_t type_oid) {
  switch (type_oid) {
    case oid::lseg: case oid::path: case oid::box: case oid::polygon: case oid::line: case oid::circle: return true;
    default: return false;
  }
}

Result<Datum> decode_figure(const ColumnCodec& codec, std::string_view text, Scratch& scratch) {
  std::string out;
  while (!text.empty()) {
    const char c = text.front();
    double number = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
    if (parsed.ec == std::errc{}) {
      out += double_text(number);
      text.remove_prefix(static_cast<std::size_t>(parsed.ptr - text.data()));
    } else {
      out += c;
      text.remove_prefix(1);
    }
  }
  char* const place = scratch.bytes(out.size());
  out.copy(place, out.size());
  return binary_datum({place, out.size()}, codec.binary, scratch);
}

// Both base64 modes leave the placeholder out.
void draft_placeholder(const ColumnType& column, CodecDraft& draft) {
  const std::string_view placeholder = draft.keep(column.modes.unavailable);
  if (column.modes.binary == BinaryMode::bytes) draft.codec.unavailable = Datum::bytes(placeholder);
  if (column.modes.binary == BinaryMode::hex) draft.codec.unavailable = Datum::string(placeholder);
}

void draft_bytea(const ColumnType& column, CodecDraft& draft) {
  const bool raw = column.modes.binary == BinaryMode::bytes;
  draft.schema = {.type = raw ? Type::bytes : Type::string, .optional = column.optional};
  draft.codec.decode = column.modes.binary == BinaryMode::hex ? decode_bytea_hex : decode_bytea;
  draft.fallback = raw ? Datum::bytes("") : Datum::string("");
  draft_placeholder(column, draft);
}

void draft_bits(const ColumnType& column, CodecDraft& draft) {
  constexpr std::int32_t k_unlimited = 2'147'483'647;
  const std::int32_t length = column.typmod < 0 ? k_unlimited : column.typmod;
  draft.codec.length = length;
  if (length == 1) {
    draft.schema = {.type = Type::boolean, .optional = column.optional};
    draft.codec.decode = column.type.oid == oid::varbit && column.phase == Phase::snapshot ? decode_varbit_snapshot
                                                                                          : decode_bit;
    draft.fallback = Datum::of(false);
    return;
  }
  draft.schema = envelope::semantic_schema(Type::bytes, "io.debezium.data.Bits", column.optional);
  draft.schema.parameters = {{"length", std::to_string(length)}};
  draft.codec.decode = decode_bits;
  draft.fallback = Datum::bytes("");
}

}  // namespace

Datum binary_datum(std::string_view bytes, BinaryMode mode, Scratch& scratch) {
  switch (mode) {
    case BinaryMode::bytes: return Datum::bytes(bytes);
    case BinaryMode::hex: return Datum::string(as_hex(bytes, scratch));
    case BinaryMode::base64: return Datum::string(as_base64(bytes, false, scratch));
    case BinaryMode::base64_url_safe: return Datum::string(as_base64(bytes, true, scratch));
  }
  return Datum::null();
}

bool draft_binary(const ColumnType& column, CodecDraft& draft) {
  if (column.type.oid == oid::bytea) draft_bytea(column, draft);
  else if (column.type.oid == oid::bit || column.type.oid == oid::varbit) draft_bits(column, draft);
  else return false;
  return true;
}

void draft_unknown(const ColumnType& column, CodecDraft& draft) {
  const bool raw = column.modes.binary == BinaryMode::bytes;
  draft.schema = {.type = raw ? Type::bytes : Type::string, .optional = column.optional};
  draft.codec.decode = is_figure(column.type.oid) ? decode_figure : decode_unknown;
  draft.fallback = raw ? Datum::bytes("") : Datum::string("");
  draft_placeholder(column, draft);
}

}  // namespace millrace::postgres
