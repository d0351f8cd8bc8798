// date, time, timetz, timestamp, timestamptz, interval. The snapshot reads dates through java.util's calendar,
// which is Julian before 1582-10-15; arrays are always read that way.
#include <fmt/format.h>

#include <iterator>
#include <limits>

#include "core/envelope.h"
#include "sources/postgres/codec_draft.h"
#include "sources/postgres/temporal_text.h"

namespace millrace::postgres {
namespace {

// Infinite values, as pgjdbc's sentinels come out of Debezium.
constexpr std::int64_t k_infinite_micros = 9'223'372'036'825'200'000;
constexpr std::int64_t k_negative_infinite_micros = -9'223'372'036'832'400'000;
constexpr std::int64_t k_infinite_days = -2'147'472'692;
constexpr std::int64_t k_negative_infinite_days = -2'147'472'691;
constexpr std::int64_t k_infinite_days_snapshot = -622'191'234;
constexpr std::int64_t k_negative_infinite_days_snapshot = -625'821'272;

Result<Datum> decode_date_streaming(const ColumnCodec& codec, std::string_view text, Scratch&) {
  if (text == "infinity") return Datum::of(k_infinite_days);
  if (text == "-infinity") return Datum::of(k_negative_infinite_days);
  const auto date = parse_date(text);
  if (!date) return unreadable(codec, "date", text);
  return Datum::of(date->days());
}

// A day as the year, month and day that java.util's calendar shows: without its era, and with the days that the
// change of calendars left out, 5 to 14 October 1582, moved behind it.
std::int64_t days_without_era(DateText date) {
  constexpr std::int64_t k_gap_begin = -141'437, k_gap_end = -141'427, k_gap_days = 10;
  const bool before_christ = date.before_christ;
  date.before_christ = false;
  const std::int64_t days = date.days();
  return !before_christ && days >= k_gap_begin && days < k_gap_end ? days + k_gap_days : days;
}

// Through java.sql.Date.
Result<Datum> decode_date_snapshot(const ColumnCodec& codec, std::string_view text, Scratch&) {
  if (text == "infinity") return Datum::of(k_infinite_days_snapshot);
  if (text == "-infinity") return Datum::of(k_negative_infinite_days_snapshot);
  const auto date = parse_date(text);
  if (!date) return unreadable(codec, "date", text);
  return Datum::of(days_without_era(*date));
}

Result<Datum> decode_time_micros(const ColumnCodec& codec, std::string_view text, Scratch&) {
  const auto time = parse_time(text);
  if (!time) return unreadable(codec, "time", text);
  return Datum::of(time->micros);
}

Result<Datum> decode_time_millis(const ColumnCodec& codec, std::string_view text, Scratch&) {
  const auto time = parse_time(text);
  if (!time) return unreadable(codec, "time", text);
  return Datum::of(time->micros / 1000);
}

Result<Datum> decode_timetz(const ColumnCodec& codec, std::string_view text, Scratch& scratch) {
  const auto time = parse_time(text);
  if (!time) return unreadable(codec, "timetz", text);
  constexpr std::int64_t k_day_micros = k_day_seconds * k_second_micros;
  // In arrays pgjdbc holds it as a java.sql.Time, of which whole seconds are read.
  const std::int64_t local = codec.in_array ? time->micros / k_second_micros * k_second_micros : time->micros;
  std::int64_t micros = (local - time->offset_seconds * k_second_micros) % k_day_micros;
  if (micros < 0) micros += k_day_micros;
  char* const place = scratch.bytes(k_zoned_room);
  char* const end = write_zoned_time(place, micros);
  return Datum::string({place, static_cast<std::size_t>(end - place)});
}

// pgjdbc takes the calendar of the snapshot for both snapshot and arrays.
Instant instant_of(const TimestampText& timestamp, Phase phase) {
  const DateText& date = timestamp.date;
  const std::int64_t days = phase == Phase::snapshot ? date.days_with_cutover() : date.days();
  return {.seconds = days * k_day_seconds + timestamp.micros / k_second_micros - timestamp.offset_seconds,
          .micros = timestamp.micros % k_second_micros};
}

Result<Datum> decode_timestamp_micros(const ColumnCodec& codec, std::string_view text, Scratch&) {
  if (text == "infinity") return Datum::of(k_infinite_micros);
  if (text == "-infinity") return Datum::of(k_negative_infinite_micros);
  const auto timestamp = parse_timestamp(text);
  if (!timestamp) return unreadable(codec, "timestamp", text);
  return Datum::of(epoch_micros(instant_of(*timestamp, codec.phase)));
}

Result<Datum> decode_timestamp_millis(const ColumnCodec& codec, std::string_view text, Scratch&) {
  if (text == "infinity") return Datum::of(k_infinite_micros / 1000);
  if (text == "-infinity") return Datum::of(k_negative_infinite_micros / 1000);
  const auto timestamp = parse_timestamp(text);
  if (!timestamp) return unreadable(codec, "timestamp", text);
  return Datum::of(epoch_millis(instant_of(*timestamp, codec.phase)));
}

// In arrays a java.sql.Timestamp, of which the fields are read: no era, so that -infinity is a day of the other era, which
// Debezium does not know again.
Result<Datum> decode_timestamptz_of_array(const ColumnCodec& codec, std::string_view text, Scratch& scratch) {
  if (text == "infinity") return Datum::string(text);
  Instant instant{.seconds = 9'223'058'401'542'000};   // of -infinity: 292269055-12-02T23:00Z
  if (text != "-infinity") {
    const auto timestamp = parse_timestamp(text);
    if (!timestamp) return unreadable(codec, "timestamptz", text);
    instant = {.seconds = days_without_era(timestamp->date) * k_day_seconds + timestamp->micros / k_second_micros -
                          timestamp->offset_seconds,
               .micros = timestamp->micros % k_second_micros};
  }
  char* const place = scratch.bytes(k_zoned_room);
  char* const end = write_zoned_timestamp(place, instant, codec.detail);
  return Datum::string({place, static_cast<std::size_t>(end - place)});
}

Result<Datum> decode_timestamptz(const ColumnCodec& codec, std::string_view text, Scratch& scratch) {
  if (text == "infinity" || text == "-infinity") return Datum::string(text);
  const auto timestamp = parse_timestamp(text);
  if (!timestamp) return unreadable(codec, "timestamptz", text);
  char* const place = scratch.bytes(k_zoned_room);
  char* const end = write_zoned_timestamp(place, instant_of(*timestamp, codec.phase), codec.detail);
  return Datum::string({place, static_cast<std::size_t>(end - place)});
}

// A Java cast from double: NaN is 0, the ends saturate.
std::int64_t saturated(double value) {
  using Limits = std::numeric_limits<std::int64_t>;
  if (value >= 9223372036854775808.0) return Limits::max();
  if (value <= -9223372036854775808.0) return Limits::min();
  return value != value ? 0 : static_cast<std::int64_t>(value);
}

// In doubles and in Debezium's order, as the rounding shows in large values.
Result<Datum> decode_interval_micros(const ColumnCodec& codec, std::string_view text, Scratch&) {
  const auto interval = parse_interval(text);
  if (!interval) return unreadable(codec, "interval", text);
  constexpr double k_days_per_month = 365.25 / 12;
  // 32-bit arithmetic wraps in Java.
  const auto months = static_cast<std::int32_t>(static_cast<std::uint32_t>(interval->years) * 12U +
                                                static_cast<std::uint32_t>(interval->months));
  const double seconds_part = interval->seconds + static_cast<double>(interval->micros) / 1e6;
  const double days = months * k_days_per_month + interval->days;
  const double seconds = (((days * 24 + interval->hours) * 60) + interval->minutes) * 60 + seconds_part;
  return Datum::of(saturated(seconds * 1e6));
}

Result<Datum> decode_interval_text(const ColumnCodec& codec, std::string_view text, Scratch& scratch) {
  const auto interval = parse_interval(text);
  if (!interval) return unreadable(codec, "interval", text);
  std::string out = fmt::format("P{}Y{}M{}DT{}H{}M", interval->years, interval->months, interval->days, interval->hours,
                                interval->minutes);
  const bool negative = interval->seconds < 0 || interval->micros < 0;
  fmt::format_to(std::back_inserter(out), "{}{}", negative ? "-" : "", std::abs(std::int64_t{interval->seconds}));
  if (interval->micros != 0) {
    fmt::format_to(std::back_inserter(out), ".{:06}", std::abs(interval->micros));
    out.erase(out.find_last_not_of('0') + 1);
  }
  out += 'S';
  char* const place = scratch.bytes(out.size());
  out.copy(place, out.size());
  return Datum::string({place, out.size()});
}

void fill_temporal(CodecDraft& draft, bool optional, Type type, std::string_view name, ColumnCodec::Decode decode) {
  draft.schema = envelope::semantic_schema(type, name, optional);
  draft.codec.decode = decode;
  if (type != Type::string) draft.fallback = Datum::of(std::int64_t{0});
}

void draft_date(const ColumnType& column, CodecDraft& draft) {
  const bool connect = column.modes.time == TimePrecision::connect;
  fill_temporal(draft, column.optional, Type::int32, connect ? "org.apache.kafka.connect.data.Date" : "io.debezium.time.Date",
                column.phase == Phase::snapshot ? decode_date_snapshot : decode_date_streaming);
}

// Arrays of time are MicroTime under each precision, with the milliseconds that java.sql.Time holds.
Result<Datum> decode_time_of_array(const ColumnCodec& codec, std::string_view text, Scratch&) {
  const auto time = parse_time(text);
  if (!time) return unreadable(codec, "time", text);
  return Datum::of(time->micros / 1000 * 1000 % (k_day_seconds * k_second_micros));
}

// Milliseconds, Connect's or those of a coarse type under the precision adaptive, are no MicroTime.
Result<Datum> decode_time_of_array_millis(const ColumnCodec& codec, std::string_view, Scratch&) {
  return unconvertible(codec, "arrays of time that are read as milliseconds do not convert");
}

void draft_time(const ColumnType& column, CodecDraft& draft) {
  const bool coarse = column.typmod >= 0 && column.typmod <= 3;
  if (draft.codec.in_array)
    fill_temporal(draft, column.optional, Type::int64, "io.debezium.time.MicroTime",
                  column.modes.time == TimePrecision::connect || (column.modes.time == TimePrecision::adaptive && coarse)
                      ? decode_time_of_array_millis
                      : decode_time_of_array);
  else if (column.modes.time == TimePrecision::connect)
    fill_temporal(draft, column.optional, Type::int32, "org.apache.kafka.connect.data.Time", decode_time_millis);
  else if (column.modes.time == TimePrecision::adaptive && coarse)
    fill_temporal(draft, column.optional, Type::int32, "io.debezium.time.Time", decode_time_millis);
  else
    fill_temporal(draft, column.optional, Type::int64, "io.debezium.time.MicroTime", decode_time_micros);
}

void draft_timestamp(const ColumnType& column, CodecDraft& draft) {
  const bool coarse = column.typmod >= 0 && column.typmod <= 3;
  if (column.modes.time == TimePrecision::connect)
    fill_temporal(draft, column.optional, Type::int64, "org.apache.kafka.connect.data.Timestamp", decode_timestamp_millis);
  else if (coarse)
    fill_temporal(draft, column.optional, Type::int64, "io.debezium.time.Timestamp", decode_timestamp_millis);
  else
    fill_temporal(draft, column.optional, Type::int64, "io.debezium.time.MicroTimestamp", decode_timestamp_micros);
}

void draft_interval(const ColumnType& column, CodecDraft& draft) {
  if (column.modes.interval_as_text) {
    fill_temporal(draft, column.optional, Type::string, "io.debezium.time.Interval", decode_interval_text);
    draft.fallback = Datum::string("P0Y0M0DT0H0M0S");
  } else {
    fill_temporal(draft, column.optional, Type::int64, "io.debezium.time.MicroDuration", decode_interval_micros);
  }
}

}  // namespace

bool draft_temporal(const ColumnType& column, CodecDraft& draft) {
  switch (column.type.oid) {
    case oid::date: draft_date(column, draft); return true;
    case oid::time: draft_time(column, draft); return true;
    case oid::timestamp: draft_timestamp(column, draft); return true;
    case oid::interval: draft_interval(column, draft); return true;
    case oid::timetz:
      fill_temporal(draft, column.optional, Type::string, "io.debezium.time.ZonedTime", decode_timetz);
      draft.fallback = Datum::string("00:00:00Z");
      return true;
    case oid::timestamptz:
      fill_temporal(draft, column.optional, Type::string, "io.debezium.time.ZonedTimestamp",
                    draft.codec.in_array ? decode_timestamptz_of_array : decode_timestamptz);
      draft.fallback = Datum::string("1970-01-01T00:00:00Z");
      // No modifier is six digits; a modifier of 0 is as many as needed, which the server rounds to none.
      draft.codec.detail = column.typmod < 0 ? 6 : column.typmod == 0 ? -1 : column.typmod;
      return true;
    default: return false;
  }
}

}  // namespace millrace::postgres
