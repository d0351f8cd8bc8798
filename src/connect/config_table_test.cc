#include "connect/config_table.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace millrace {
namespace {

using Kind = ConfigChange::Kind;

ConfigTable table_of(std::initializer_list<LogEntry> entries) {
  ConfigTable table;
  for (const LogEntry& entry : entries)
    table.apply(entry.key, entry.value ? std::optional<std::string_view>{*entry.value} : std::nullopt);
  return table;
}

TEST(ConfigEntries, AreConnectsBytes) {
  const RawConfig config{{"connector.class", "x.Y"}, {"a", std::nullopt}, {"name", "c\"\xF0\x9F\x98\x80\x0B"}};
  EXPECT_EQ(connector_entry("c", config),
            (LogEntry{"connector-c",
                      R"({"properties":{"connector.class":"x.Y","a":null,"name":"c\"\uD83D\uDE00\u000B"}})"}));
  EXPECT_EQ(target_state_entry("c", TargetState::stopped),
            (LogEntry{"target-state-c", R"({"state":"PAUSED","state.v2":"STOPPED"})"}));
  EXPECT_EQ(target_state_entry("c", TargetState::started),
            (LogEntry{"target-state-c", R"({"state":"STARTED","state.v2":"STARTED"})"}));
  EXPECT_EQ(task_entry("c", 0, {{"k", "v"}}), (LogEntry{"task-c-0", R"({"properties":{"k":"v"}})"}));
  EXPECT_EQ(commit_entry("c", 1), (LogEntry{"commit-c", R"({"tasks":1})"}));
  EXPECT_EQ(restart_entry("c", true, false),
            (LogEntry{"restart-connector-c", R"({"include-tasks":true,"only-failed":false})"}));
  EXPECT_EQ(removal_entries("c"), (std::vector<LogEntry>{{"connector-c", std::nullopt},
                                                         {"target-state-c", std::nullopt}}));
}

TEST(ConfigTable, TakesTaskConfigsWithTheirCommit) {
  ConfigTable table = table_of({connector_entry("c", {{"k", "v"}}), task_entry("c", 0, {{"k", "v"}})});
  EXPECT_TRUE(table.find("c")->tasks().empty());
  EXPECT_EQ(table.apply("commit-c", R"({"tasks":1})").kind, Kind::connector);
  EXPECT_EQ(table.find("c")->tasks(), std::vector<int>{0});
  EXPECT_EQ(table.find("c")->task_configs.at(0), (RawConfig{{"k", "v"}}));
  EXPECT_FALSE(tasks_differ(*table.find("c"), {{"k", "v"}}));
  EXPECT_TRUE(tasks_differ(*table.find("c"), {{"k", "w"}}));
}

TEST(ConfigTable, MarksAConnectorWhoseTaskRecordsWereCompactedAway) {
  const ConfigTable table = table_of({connector_entry("c", {{"k", "v"}}), task_entry("c", 1, {}), commit_entry("c", 2)});
  EXPECT_FALSE(table.find("c")->consistent);
  EXPECT_TRUE(table.find("c")->tasks().empty());
  EXPECT_TRUE(tasks_differ(*table.find("c"), {}));
}

TEST(ConfigTable, IgnoresTasksThatADeletedConnectorLeftBehind) {
  const ConfigTable table = table_of({task_entry("c", 0, {{"old", "1"}}), commit_entry("c", 1),
                                      connector_entry("c", {{"k", "v"}})});
  EXPECT_TRUE(table.find("c")->tasks().empty());
  EXPECT_EQ(table.find("c")->task_count, 0);
}

TEST(ConfigTable, SeesThatTheConfigIsNewerThanItsTasks) {
  const RawConfig task{{"k", "v"}};
  ConfigTable table = table_of({connector_entry("c", {{"k", "v"}}), task_entry("c", 0, task), commit_entry("c", 1)});
  table.apply("connector-c", R"({"properties":{"k":"v","producer.override.linger.ms":"1"}})");
  EXPECT_TRUE(tasks_differ(*table.find("c"), task));
}

TEST(ConfigTable, ReadsBothFormsOfATargetState) {
  ConfigTable table = table_of({connector_entry("c", {})});
  EXPECT_EQ(table.apply("target-state-c", R"({"state":"PAUSED"})").connector, "c");
  EXPECT_EQ(table.find("c")->target, TargetState::paused);
  table.apply("target-state-c", R"({"state":"PAUSED","state.v2":"STOPPED"})");
  EXPECT_EQ(table.find("c")->target, TargetState::stopped);
  EXPECT_EQ(table.apply("target-state-c", R"({"state":"PAUSED","state.v2":"STOPPED"})").kind, Kind::none);
  table.apply("target-state-c", std::nullopt);
  EXPECT_EQ(table.find("c")->target, TargetState::started);
}

TEST(ConfigTable, TakesAnInitialStateThatComesBeforeTheConnector) {
  const ConfigTable table = table_of({target_state_entry("c", TargetState::stopped), connector_entry("c", {})});
  EXPECT_EQ(table.find("c")->target, TargetState::stopped);
}

TEST(ConfigTable, ForgetsADeletedConnectorAndKeepsOthers) {
  ConfigTable table = table_of({connector_entry("c", {}), connector_entry("d", {})});
  EXPECT_EQ(table.apply("connector-c", std::nullopt).connector, "c");
  EXPECT_EQ(table.connectors(), std::vector<std::string>{"d"});
}

TEST(ConfigTable, KeepsDashesInNames) {
  const ConfigTable table = table_of({connector_entry("a-0-b", {}), task_entry("a-0-b", 0, {{"k", "v"}}),
                                      commit_entry("a-0-b", 1)});
  EXPECT_EQ(table.find("a-0-b")->tasks(), std::vector<int>{0});
}

TEST(ConfigTable, TellsOfRestarts) {
  ConfigTable table;
  const auto change = table.apply("restart-connector-c", R"({"include-tasks":true,"only-failed":true})");
  EXPECT_EQ(change.kind, Kind::restart);
  EXPECT_TRUE(change.include_tasks && change.only_failed);
  EXPECT_EQ(change.connector, "c");
}

TEST(ConfigTable, SkipsWhatItDoesNotUnderstand) {
  ConfigTable table = table_of({connector_entry("c", {{"k", "v"}})});
  for (const auto& [key, value] : std::initializer_list<std::pair<const char*, const char*>>{
           {"session-key", R"({"key":"AA==","algorithm":"HmacSHA256","creation-timestamp":1795455173905})"},
           {"tasks-fencing-c", R"({"task-count":1})"},
           {"logger-cluster-root", R"({"level":"WARN"})"},
           {"connector-c", "not json"},
           {"connector-c", R"({"properties":[]})"},
           {"target-state-c", R"({"state.v2":"GONE"})"},
           {"commit-c", R"({"tasks":"1"})"},
           {"task-c-x", R"({"properties":{}})"},
           {"task-c-", R"({"properties":{}})"},
           {"something", "{}"}})
    EXPECT_EQ(table.apply(key, value).kind, Kind::none) << key;
  EXPECT_EQ(table.find("c")->config, (RawConfig{{"k", "v"}}));
  EXPECT_EQ(table.find("c")->target, TargetState::started);
}

TEST(TaskConfig, IsTheRawConfigAndTheTaskClass) {
  const RawConfig config = task_config({{"name", "c"}, {"database.password", "${file:/s:p}"}}, "x.Task");
  EXPECT_EQ(std::ranges::count(config, std::pair<std::string, std::optional<std::string>>{"task.class", "x.Task"}), 1);
  EXPECT_EQ(std::ranges::count(config, std::pair<std::string, std::optional<std::string>>{"database.password",
                                                                                        "${file:/s:p}"}), 1);
  EXPECT_EQ(config.size(), 3u);
}

}  // namespace
}  // namespace millrace
