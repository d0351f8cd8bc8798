#include "connect/status_table.h"

#include <gtest/gtest.h>

namespace millrace {
namespace {

TEST(StatusText, IsConnectsBytes) {
  EXPECT_EQ(status_text({.state = "RUNNING", .worker_id = "h:8083", .generation = 3}),
            R"({"state":"RUNNING","trace":null,"worker_id":"h:8083","generation":3})");
  EXPECT_EQ(status_text({.state = "FAILED", .trace = "x.E: a\n\tat b\n", .worker_id = "h:1", .generation = 4}),
            R"({"state":"FAILED","trace":"x.E: a\n\tat b\n","worker_id":"h:1","generation":4})");
  EXPECT_EQ(topic_status_text("c", "t", 0, 1795455200996),
            R"({"topic":{"name":"t","connector":"c","task":0,"discoverTimestamp":1795455200996}})");
  EXPECT_EQ(connector_status_key("c"), "status-connector-c");
  EXPECT_EQ(task_status_key("c", 0), "status-task-c-0");
  EXPECT_EQ(topic_status_key("c", "t"), "status-topic-t:connector-c");
}

TEST(StatusTable, ReadsEveryKind) {
  StatusTable table;
  table.apply("status-connector-c", R"({"state":"RUNNING","trace":null,"worker_id":"h:8083","generation":3})");
  table.apply("status-task-c-d-0", R"({"state":"FAILED","trace":"t\n","worker_id":"h:8083","generation":7})");
  table.apply("status-topic-a.b:connector-c", R"({"topic":{"name":"a.b","connector":"c","task":0,"discoverTimestamp":1}})");
  EXPECT_EQ(table.connector("c")->state, "RUNNING");
  EXPECT_EQ(table.task("c-d", 0)->trace, "t\n");
  EXPECT_EQ(table.topics("c"), std::vector<std::string>{"a.b"});
  EXPECT_EQ(table.generation_max(), 7);

  table.apply("status-connector-c", std::nullopt);
  table.apply("status-task-c-d-0", std::nullopt);
  table.apply("status-topic-a.b:connector-c", std::nullopt);
  EXPECT_EQ(table.connector("c"), nullptr);
  EXPECT_TRUE(table.tasks("c-d").empty());
  EXPECT_TRUE(table.topics("c").empty());
  EXPECT_EQ(table.generation_max(), 7);   // a deleted status still counts
}

TEST(StatusTable, SkipsWhatItDoesNotUnderstand) {
  StatusTable table;
  for (const auto& [key, value] : std::initializer_list<std::pair<const char*, const char*>>{
           {"status-connector-c", "nonsense"}, {"status-connector-c", "{}"}, {"status-task-c-x", "{}"},
           {"status-topic-t", "{}"}, {"else", "{}"}})
    table.apply(key, value);
  EXPECT_EQ(table.connector("c"), nullptr);
  EXPECT_TRUE(table.topics("c").empty());
}

TEST(TaskStatusKey, EndsInANumber) {
  EXPECT_EQ(split_task_status_key("status-task-a-1-2"), (std::pair<std::string, int>{"a-1", 2}));
  EXPECT_EQ(split_task_status_key("status-task-a-"), std::nullopt);
  EXPECT_EQ(split_task_status_key("status-task-a--1x"), std::nullopt);
  EXPECT_EQ(split_task_status_key("status-connector-a-1"), std::nullopt);
}

}  // namespace
}  // namespace millrace
