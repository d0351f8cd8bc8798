// What ChangeWriter leaves out: updates that change nothing, changes whose key or a required column of which has no value. The rest is seen through
// ChangeStream's tests and the recordings.
#include "sources/postgres/change_writer.h"

#include <gtest/gtest.h>

#include <map>

#include "core/idle_sink.h"
#include "sources/postgres/builtin_types.h"

namespace millrace::postgres {
namespace {

using Entries = std::map<std::string, std::string, std::less<>>;
using Kind = pgoutput::TupleValue::Kind;
using TupleRow = std::vector<pgoutput::TupleValue>;

pgoutput::TupleValue text(std::string_view text) { return {Kind::text, text}; }

// Emitted operations; a tombstone is '-'.
class Operations final : public IdleSink {
 public:
  Result<void> emit(const Record& record) override {
    seen += record.tombstone ? "-" : std::string{record.slots[slot::op].text()};
    return {};
  }
  std::string seen;
};

// Table t: id int4 (the key), a text, f float8, n numeric(5,2), fs float8[].
std::unique_ptr<RelationPlan> plan(Entries options) {
  options.insert({{"topic.prefix", "p"}, {"database.dbname", "d"}});
  TableFacts facts{.id = {"public", "t"}, .columns = {{.name = "id", .type_oid = 23, .optional = false}, {.name = "a", .type_oid = 25},
                                                      {.name = "f", .type_oid = 701}, {.name = "n", .type_oid = 1700, .typmod = (5 << 16 | 2) + 4},
                                                      {.name = "fs", .type_oid = 1022}},
                   .key = {"id"}};
  return plan_of_table(facts, plan_options(Config{std::move(options)}).value(), builtin_types()).value();
}

std::string updated(const RelationPlan& plan, const TupleRow& before, const TupleRow& after) {
  ChangeWriter writer{true};
  Operations sink;
  const auto done = writer.update(plan, {}, {.oid = 1, .old_kind = pgoutput::OldTuple::full, .before = before, .after = after}, sink);
  return done ? sink.seen : done.error().text;
}

TupleRow row(std::string_view id, std::string_view a, std::string_view f = "1", std::string_view n = "1.50", std::string_view fs = "{}") {
  return {text(id), text(a), text(f), text(n), text(fs)};
}

TEST(ChangeWriter, RowsOfATableWithoutColumnsGiveNoRecord) {
  const TableFacts facts{.id = {"public", "t"}};
  const auto empty = plan_of_table(facts, plan_options(Config{Entries{{"topic.prefix", "p"}, {"database.dbname", "d"}}}).value(), builtin_types()).value();
  ChangeWriter writer{true};
  Operations sink;
  ASSERT_TRUE(writer.insert(*empty, {}, TupleRow{}, sink));
  ASSERT_TRUE(writer.update(*empty, {}, {.oid = 1, .old_kind = pgoutput::OldTuple::full}, sink));
  ASSERT_TRUE(writer.remove(*empty, {}, {.oid = 1, .old_kind = pgoutput::OldTuple::full}, sink));
  EXPECT_EQ(sink.seen, "");
}

TEST(ChangeWriter, UpdatesWithoutAChangeAreLeftOutOnDemand) {
  const auto always = plan({});
  EXPECT_EQ(updated(*always, row("1", "x"), row("1", "x")), "u");
  const auto changed = plan({{"skip.messages.without.change", "true"}});
  EXPECT_EQ(updated(*changed, row("1", "x"), row("1", "x")), "");
  EXPECT_EQ(updated(*changed, row("1", "x"), row("1", "y")), "u");
  EXPECT_EQ(updated(*changed, row("1", "x"), row("2", "x")), "d-c");
  EXPECT_EQ(updated(*changed, row("1", "x", "NaN"), row("1", "x", "NaN")), "");
  EXPECT_EQ(updated(*changed, row("1", "x", "0"), row("1", "x", "-0")), "u");
  EXPECT_EQ(updated(*changed, row("1", "x", "1", "1.50", "{NaN,1}"), row("1", "x", "1", "1.50", "{NaN,1}")), "");
  EXPECT_EQ(updated(*changed, row("1", "x", "1", "1.50", "{NaN,1}"), row("1", "x", "1", "1.50", "{NaN,2}")), "u");
  ChangeWriter writer{true};
  Operations sink;
  const TupleRow after = row("1", "x");
  EXPECT_TRUE(writer.update(*changed, {}, {.oid = 1, .old_kind = pgoutput::OldTuple::none, .before = {}, .after = after}, sink));
  EXPECT_EQ(sink.seen, "u");   // nothing is known of the old row
}

// The column `a` of the last record's after.
class After final : public IdleSink {
 public:
  explicit After(const RelationPlan& plan) : slot_{plan.after_slot(1)} {}
  Result<void> emit(const Record& record) override {
    if (!record.tombstone && record.slots[slot_].kind == Datum::Kind::string) seen = record.slots[slot_].text();
    return {};
  }
  std::string seen;

 private:
  std::size_t slot_;
};

TEST(ChangeWriter, AnUnchangedToastValueOfARequiredColumnIsItsPlaceholderWhereTheOldRowIsOnlyItsKey) {
  const TableFacts facts{.id = {"public", "t"}, .columns = {{.name = "id", .type_oid = 23, .optional = false}, {.name = "a", .type_oid = 25, .optional = false}}, .key = {"id"}};
  const auto required = plan_of_table(facts, plan_options(Config{Entries{{"topic.prefix", "p"}, {"database.dbname", "d"}}}).value(), builtin_types()).value();
  ChangeWriter writer{true};
  After sink{*required};
  const TupleRow key{text("1"), {Kind::null, {}}}, whole{text("1"), text("old")}, after{text("2"), {Kind::unchanged_toast, {}}};
  ASSERT_TRUE(writer.update(*required, {}, {.oid = 1, .old_kind = pgoutput::OldTuple::key, .before = key, .after = after}, sink));
  EXPECT_EQ(sink.seen, "__debezium_unavailable_value");
  ASSERT_TRUE(writer.update(*required, {}, {.oid = 1, .old_kind = pgoutput::OldTuple::full, .before = whole, .after = after}, sink));
  EXPECT_EQ(sink.seen, "old");
}

TEST(ChangeWriter, OnlyWhatTheValueShowsIsAChange) {
  const auto some = plan({{"skip.messages.without.change", "true"}, {"column.exclude.list", "public.t.(id|f)"}, {"column.truncate.to.2.chars", ".*a"}});
  EXPECT_EQ(updated(*some, row("1", "abc"), row("1", "abd", "7")), "");
  EXPECT_EQ(updated(*some, row("1", "abc"), row("2", "abc")), "");   // a key outside of the value
  EXPECT_EQ(updated(*some, row("1", "abc"), row("2", "acc")), "d-c");
}

TEST(ChangeWriter, AKeyThatDoesNotConvertFailsOrLeavesTheChangeOut) {
  const auto by_number = plan({{"message.key.columns", "public.t:n"}});
  const TupleRow bad = row("1", "x", "1", "NaN"), good = row("1", "x");
  const auto run = [&](BadEvents mode) {
    ChangeWriter writer{true, {}, mode};
    Operations sink;
    std::string out;
    const auto note = [&](const Result<void>& done) {
      if (!done) out += "[" + done.error().text + "]";
    };
    note(writer.insert(*by_number, {}, bad, sink));
    note(writer.insert(*by_number, {}, good, sink));
    note(writer.update(*by_number, {}, {.oid = 1, .old_kind = pgoutput::OldTuple::full, .before = bad, .after = good}, sink));
    note(writer.update(*by_number, {}, {.oid = 1, .old_kind = pgoutput::OldTuple::full, .before = good, .after = bad}, sink));
    note(writer.remove(*by_number, {}, {.oid = 1, .old_kind = pgoutput::OldTuple::full, .before = bad}, sink));
    note(writer.read(*by_number, {}, bad, sink));
    note(writer.insert(*by_number, {}, good, sink));
    return sink.seen + out;
  };
  const std::string of_snapshot = "Column public.t.n is part of the key and holds a value that does not convert: Got a special value "
                                  "(NaN/Infinity) for Decimal type in column n but current mode does not handle it.";
  EXPECT_TRUE(run(BadEvents::skip).starts_with("cc[" + of_snapshot)) << run(BadEvents::skip);
  EXPECT_EQ(run(BadEvents::warn), run(BadEvents::skip));
  const std::string one = "[Error while processing event of table public.t]";
  EXPECT_TRUE(run(BadEvents::fail).starts_with("cc" + one + one + one + one + "[" + of_snapshot)) << run(BadEvents::fail);
}

TEST(ChangeWriter, ABadKeyOfSeveralColumnsLeavesOutNoOtherChange) {
  TableFacts facts{.id = {"public", "t"}, .columns = {{.name = "m", .type_oid = 1700, .typmod = (5 << 16 | 2) + 4},
                                                      {.name = "n", .type_oid = 1700, .typmod = (5 << 16 | 2) + 4}}};
  const Entries options{{"topic.prefix", "p"}, {"database.dbname", "d"}, {"message.key.columns", "public.t:m,n"}};
  const auto by_both = plan_of_table(facts, plan_options(Config{options}).value(), builtin_types()).value();
  ChangeWriter writer{true, {}, BadEvents::skip};
  Operations sink;
  const TupleRow bad{text("NaN"), text("NaN")}, good{text("1.50"), text("2.50")};
  EXPECT_TRUE(writer.insert(*by_both, {}, bad, sink));
  EXPECT_EQ(sink.seen, "");
  EXPECT_TRUE(writer.insert(*by_both, {}, good, sink));
  EXPECT_EQ(sink.seen, "c");
}

// Recording pg-required-null-warn. Table t: id int4 (the key), n and nd (with a default) numeric(6,2), f float8[].
TEST(ChangeWriter, ARowWithoutAValueForARequiredColumnFailsOrIsLeftOut) {
  const std::int32_t typmod = (6 << 16 | 2) + 4;
  const TableFacts facts{.id = {"public", "t"}, .columns = {{.name = "id", .type_oid = 23, .optional = false}, {.name = "n", .type_oid = 1700, .typmod = typmod, .optional = false},
                                                            {.name = "nd", .type_oid = 1700, .typmod = typmod, .optional = false, .default_expression = "1"},
                                                            {.name = "f", .type_oid = 1022, .optional = false}},
                         .key = {"id"}};
  const auto table = plan_of_table(facts, plan_options(Config{Entries{{"topic.prefix", "p"}, {"database.dbname", "d"}}}).value(), builtin_types()).value();
  const pgoutput::TupleValue null{Kind::null, {}}, unchanged{Kind::unchanged_toast, {}};
  const TupleRow good{text("1"), text("1"), text("1"), text("{1}")}, nan{text("1"), text("NaN"), text("1"), text("{1}")},
      nan_with_default{text("1"), text("1"), text("NaN"), text("{1}")}, not_sent{text("1"), text("1"), text("1"), unchanged},
      moved{text("2"), text("1"), text("1"), unchanged}, key{text("1"), null, null, null};
  const auto run = [&](BadEvents mode, const TupleRow& before, const TupleRow& after) {
    ChangeWriter writer{true, {}, mode};
    Operations sink;
    const auto old_kind = before.empty() ? pgoutput::OldTuple::none : before.back().kind == Kind::null ? pgoutput::OldTuple::key : pgoutput::OldTuple::full;
    const auto done = writer.update(*table, {}, {.oid = 1, .old_kind = old_kind, .before = before, .after = after}, sink);
    return sink.seen + (done ? "" : "[" + done.error().text + ": " + done.error().cause->text + "]");
  };
  const std::string failed = "[Error while processing event of table public.t: Invalid value: null used for required field: ";
  const std::string of_f = failed + "\"f\", schema type: ARRAY (table public.t: a large value that an update leaves as it is is not sent; REPLICA IDENTITY FULL sends it)]";
  EXPECT_EQ(run(BadEvents::fail, {}, not_sent), of_f);
  EXPECT_EQ(run(BadEvents::warn, {}, not_sent), "");
  EXPECT_EQ(run(BadEvents::fail, good, not_sent), "u");
  EXPECT_TRUE(run(BadEvents::fail, {}, nan).starts_with(failed + "\"n\", schema type: BYTES (table public.t: Got a special value")) << run(BadEvents::fail, {}, nan);
  EXPECT_EQ(run(BadEvents::skip, {}, nan), "");
  EXPECT_EQ(run(BadEvents::skip, nan, good), "");
  EXPECT_EQ(run(BadEvents::fail, {}, nan_with_default), "u");
  EXPECT_EQ(run(BadEvents::warn, key, moved), "d-");   // the delete goes out, its create does not
  EXPECT_EQ(run(BadEvents::fail, key, moved), of_f);

  ChangeWriter skipping{true, {.creates = true}};   // what is left out need not be readable
  Operations sink;
  EXPECT_TRUE(skipping.insert(*table, {}, nan, sink));
  EXPECT_EQ(sink.seen, "");
}

TEST(ChangeWriter, ModesOfBadEvents) {
  const auto mode = [](std::string text) { return bad_events(Config{{{"event.processing.failure.handling.mode", std::move(text)}}}); };
  EXPECT_EQ(bad_events(Config{}), BadEvents::fail);
  EXPECT_EQ(mode("FAIL"), BadEvents::fail);
  EXPECT_EQ(mode("Warn"), BadEvents::warn);
  EXPECT_EQ(mode("skip"), BadEvents::skip);
  EXPECT_EQ(mode("ignore"), BadEvents::skip);
}

}  // namespace
}  // namespace millrace::postgres
