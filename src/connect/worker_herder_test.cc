#include "connect/worker_herder.h"

#include <gtest/gtest.h>

#include "connect/fake_worker.h"
#include "connect/raw_config.h"

namespace millrace {
namespace {

RawConfig stored(const std::string& name) {
  RawConfig config = FakeWorker::config();
  put_setting(config, "name", name);
  return config;
}

// What a worker has left in the topic for a running connector.
std::vector<LogEntry> running_connector(const std::string& name) {
  return {connector_entry(name, stored(name)), task_entry(name, 0, task_config(stored(name), "fake.ConnectorTask")),
          commit_entry(name, 1)};
}

TEST(WorkerHerder, CreatesAConnectorInConnectsOrder) {
  FakeWorker worker;
  worker.start();
  const auto created = worker.herder->put_connector("c", FakeWorker::config(), false, std::nullopt);
  ASSERT_TRUE(created);
  EXPECT_TRUE(created->created);
  EXPECT_EQ(created->info.config, stored("c"));   // the request's order, the name behind
  EXPECT_TRUE(created->info.tasks.empty());
  ASSERT_TRUE(worker.wait_running("c"));
  EXPECT_EQ(worker.written_config(), running_connector("c"));
  EXPECT_EQ(worker.task_at(0)->spec.config.get("task.class"), "fake.ConnectorTask");

  const auto status = worker.herder->status("c");
  ASSERT_TRUE(status);
  EXPECT_EQ(status->state, "RUNNING");
  EXPECT_EQ(status->worker_id, "h:8083");
  ASSERT_EQ(status->tasks.size(), 1u);
  EXPECT_EQ(status->tasks[0].state, "RUNNING");
  EXPECT_EQ(worker.herder->connector("c")->tasks, std::vector<int>{0});
  EXPECT_EQ(find_setting(worker.herder->tasks("c")->at(0).config, "task.class")->substr(0, 4), "fake");
  EXPECT_EQ(worker.herder->connectors(), std::vector<std::string>{"c"});
}

TEST(WorkerHerder, WaitsForTheWorkersOfKafkaConnectToEnd) {
  FakeWorker worker{running_connector("c")};
  worker.world.other_workers = {"connect-h:8083 at /10.0.0.1"};
  worker.herder->start([](const Error&) {});
  ASSERT_TRUE(worker.world.wait([&] { return worker.world.asked_for_others >= 2; }));
  EXPECT_EQ(worker.herder->health().code, 503);
  EXPECT_NE(worker.herder->health().message.find("waiting for the workers of Kafka Connect in its group to end (connect-h:8083 at "),
            std::string::npos) << worker.herder->health().message;
  EXPECT_EQ(worker.herder->connectors().error().code, 503);
  EXPECT_TRUE(worker.world.tasks.empty());
  worker.world.change([&] { worker.world.other_workers.clear(); });
  ASSERT_TRUE(worker.wait_running("c"));
}

TEST(WorkerHerder, EndsWhileItWaitsForOtherWorkers) {
  FakeWorker worker{running_connector("c")};
  worker.world.other_workers = {"connect-h:8083 at /10.0.0.1"};
  worker.herder->start([](const Error&) {});
  ASSERT_TRUE(worker.world.wait([&] { return worker.world.asked_for_others >= 1; }));
  worker.herder->stop();
  EXPECT_TRUE(worker.world.tasks.empty());
}

TEST(WorkerHerder, RefusesWhatIsWrongAboutAConfig) {
  FakeWorker worker;
  worker.start();
  const auto refusal = [&](RawConfig config) {
    const auto reply = worker.herder->put_connector("c", std::move(config), false, std::nullopt);
    return reply ? RestError{200, ""} : reply.error();
  };
  EXPECT_EQ(refusal({{"name", "b"}}).message,
            "Connector name configuration (b) doesn't match connector name in the URL (c)");
  EXPECT_EQ(refusal({{"bad", "1"}}).code, 400);
  worker.create("c");
  EXPECT_EQ(refusal(FakeWorker::config()).code, 409);
  EXPECT_EQ(refusal(FakeWorker::config()).message, "Connector c already exists");
}

TEST(WorkerHerder, CreatesPausedAndStoppedConnectorsWithoutTasks) {
  FakeWorker worker;
  worker.start();
  worker.create("p", TargetState::paused);
  worker.create("s", TargetState::stopped);
  ASSERT_TRUE(worker.wait_status("status-connector-p", "PAUSED"));
  ASSERT_TRUE(worker.wait_status("status-connector-s", "STOPPED"));
  EXPECT_EQ(worker.written_config(),
            (std::vector<LogEntry>{target_state_entry("p", TargetState::paused), connector_entry("p", stored("p")),
                                   target_state_entry("s", TargetState::stopped), connector_entry("s", stored("s"))}));
  EXPECT_TRUE(worker.herder->status("p")->tasks.empty());
  EXPECT_TRUE(worker.herder->tasks("s")->empty());
  ASSERT_TRUE(worker.herder->set_target_state("p", TargetState::started));
  EXPECT_TRUE(worker.wait_running("p"));
}

TEST(WorkerHerder, StopsAndResumes) {
  FakeWorker worker;
  worker.start();
  worker.create("c");
  ASSERT_TRUE(worker.wait_running("c"));
  ASSERT_TRUE(worker.herder->set_target_state("c", TargetState::stopped));
  ASSERT_TRUE(worker.wait_status("status-task-c-0", ""));
  EXPECT_EQ(worker.herder->status("c")->state, "STOPPED");
  EXPECT_TRUE(worker.herder->status("c")->tasks.empty());
  EXPECT_TRUE(worker.herder->connector("c")->tasks.empty());
  ASSERT_TRUE(worker.herder->set_target_state("c", TargetState::stopped));   // changes nothing
  auto written = running_connector("c");
  written.push_back(commit_entry("c", 0));
  written.push_back(target_state_entry("c", TargetState::stopped));
  EXPECT_EQ(worker.written_config(), written);

  ASSERT_TRUE(worker.herder->set_target_state("c", TargetState::started));
  ASSERT_TRUE(worker.wait_tasks(2));
  EXPECT_TRUE(worker.wait_running("c"));
  EXPECT_EQ(worker.written_config().back(), commit_entry("c", 1));
  EXPECT_EQ(worker.written_states("status-task-c-0"),
            (std::vector<std::string>{"RUNNING", "UNASSIGNED", "", "RUNNING"}));
}

TEST(WorkerHerder, PausesWithoutEndingTheTask) {
  FakeWorker worker;
  worker.start();
  worker.create("c");
  ASSERT_TRUE(worker.wait_running("c"));
  ASSERT_TRUE(worker.herder->set_target_state("c", TargetState::paused));
  ASSERT_TRUE(worker.wait_status("status-task-c-0", "PAUSED"));
  EXPECT_TRUE(worker.wait_status("status-connector-c", "PAUSED"));
  ASSERT_TRUE(worker.herder->set_target_state("c", TargetState::started));
  EXPECT_TRUE(worker.wait_running("c"));
  EXPECT_TRUE(worker.wait_tasks(1));
}

TEST(WorkerHerder, RestartsTheTaskOnlyWhenTheConfigChanges) {
  FakeWorker worker;
  worker.start();
  worker.create("c");
  ASSERT_TRUE(worker.wait_running("c"));
  const auto same = worker.herder->put_connector("c", FakeWorker::config(), true, std::nullopt);
  ASSERT_TRUE(same);
  EXPECT_FALSE(same->created);
  EXPECT_EQ(same->info.tasks, std::vector<int>{0});
  const auto patched = worker.herder->patch_connector("c", {{"x", std::nullopt}, {"y", "2"}});
  ASSERT_TRUE(patched);
  EXPECT_EQ(find_setting(patched->info.config, "x"), nullptr);
  ASSERT_TRUE(worker.wait_tasks(2));
  EXPECT_TRUE(worker.task_at(0)->ended);
  EXPECT_EQ(worker.task_at(1)->spec.config.get("y"), "2");
  EXPECT_TRUE(worker.wait_running("c"));
}

TEST(WorkerHerder, NeverRunsTwoTasksOfAConnectorAtOnce) {
  FakeWorker worker;
  worker.start();
  worker.create("c");
  ASSERT_TRUE(worker.wait_running("c"));
  worker.world.change([&] { worker.world.tasks[0]->may_end = false; });
  ASSERT_TRUE(worker.herder->restart_task("c", 0));
  // Another connector does not wait for it.
  worker.create("d");
  ASSERT_TRUE(worker.wait_running("d"));
  EXPECT_TRUE(worker.wait_tasks(2));   // of c the first, of d the first
  worker.world.change([&] { worker.world.tasks[0]->may_end = true; });
  EXPECT_TRUE(worker.wait_tasks(3));
  EXPECT_TRUE(worker.wait_running("c"));
}

TEST(WorkerHerder, KeepsAFailedTaskUntilItIsRestarted) {
  FakeWorker worker;
  worker.start();
  worker.create("c");
  ASSERT_TRUE(worker.wait_running("c"));
  worker.fail_task(0, "x.Y: broken\n\tat millrace\n");
  ASSERT_TRUE(worker.wait_status("status-task-c-0", "FAILED"));
  EXPECT_EQ(worker.herder->task_status("c", 0)->trace, "x.Y: broken\n\tat millrace\n");
  EXPECT_EQ(worker.herder->status("c")->state, "RUNNING");
  ASSERT_TRUE(worker.herder->set_target_state("c", TargetState::paused));
  ASSERT_TRUE(worker.wait_status("status-connector-c", "PAUSED"));
  ASSERT_TRUE(worker.herder->set_target_state("c", TargetState::started));
  ASSERT_TRUE(worker.wait_status("status-connector-c", "RUNNING"));
  EXPECT_EQ(worker.herder->task_status("c", 0)->state, "FAILED");

  const auto plan = worker.herder->restart("c", true, true);
  ASSERT_TRUE(plan && *plan);
  EXPECT_EQ((*plan)->state, "RUNNING");
  EXPECT_EQ((*plan)->tasks.at(0).state, "RESTARTING");
  EXPECT_EQ((*plan)->tasks.at(0).trace, "x.Y: broken\n\tat millrace\n");
  ASSERT_TRUE(worker.wait_tasks(2));
  EXPECT_TRUE(worker.wait_running("c"));
  EXPECT_EQ(worker.written_states("status-task-c-0"),
            (std::vector<std::string>{"RUNNING", "FAILED", "RESTARTING", "RUNNING"}));
  EXPECT_EQ(worker.written_config().back(), restart_entry("c", true, true));
}

TEST(WorkerHerder, RestartsOnlyWhatIsAsked) {
  FakeWorker worker;
  worker.start();
  worker.create("c");
  ASSERT_TRUE(worker.wait_running("c"));
  const auto silent = worker.herder->restart("c", false, false);
  EXPECT_TRUE(silent && !*silent);
  const auto none = worker.herder->restart("c", true, true);   // nothing has failed
  EXPECT_EQ((*none)->state, "RUNNING");
  EXPECT_EQ((*none)->tasks.at(0).state, "RUNNING");
  ASSERT_TRUE(worker.herder->restart("c", true, false));
  ASSERT_TRUE(worker.wait_tasks(2));
  EXPECT_TRUE(worker.wait_running("c"));
}

TEST(WorkerHerder, AnswersAboutWhatItDoesNotKnowAsConnect) {
  FakeWorker worker;
  worker.start();
  Herder& herder = *worker.herder;
  EXPECT_EQ(herder.connector("n").error().message, "Connector n not found");
  EXPECT_EQ(herder.tasks("n").error().message, "Connector n not found");
  EXPECT_EQ(herder.offsets("n").error().message, "Connector n not found");
  EXPECT_EQ(herder.delete_connector("n").error().message, "Connector n not found");
  EXPECT_EQ(herder.patch_connector("n", {}).error().message, "Connector n not found");
  EXPECT_EQ(herder.alter_offsets("n", std::nullopt).error().message, "Connector n not found");
  EXPECT_EQ(herder.status("n").error().message, "No status found for connector n");
  EXPECT_EQ(herder.task_status("n", 9).error().message, "No status found for task n-9");
  EXPECT_EQ(herder.set_target_state("n", TargetState::paused).error().message, "Unknown connector n");
  EXPECT_EQ(herder.restart("n", false, false).error().message, "Unknown connector: n");
  EXPECT_EQ(herder.restart("n", true, false).error().message, "Unknown connector: n");
  EXPECT_EQ(herder.restart_task("n", 0).error().message, "Unknown connector: n");
  EXPECT_TRUE(herder.topics("n")->empty());
  worker.create("c");
  ASSERT_TRUE(worker.wait_running("c"));
  EXPECT_EQ(herder.restart_task("c", 7).error().message, "Unknown task: c-7");
  ASSERT_TRUE(herder.set_target_state("c", TargetState::stopped));
  EXPECT_EQ(herder.restart_task("c", 0).error().code, 409);
  EXPECT_EQ(herder.alter_offsets("c", ConnectorOffsets{}).error().message,
            "Partitions / offsets need to be provided for an alter offsets request");
}

TEST(WorkerHerder, DeletesAConnectorAndItsStatusesWhenTheTaskHasEnded) {
  FakeWorker worker;
  worker.start();
  worker.create("c");
  ASSERT_TRUE(worker.wait_running("c"));
  worker.task_at(0)->spec.listener.on_topic("t");
  ASSERT_TRUE(worker.world.wait([&] { return worker.world.status.back().key == "status-topic-t:connector-c"; }));
  worker.world.change([&] { worker.world.tasks[0]->may_end = false; });
  ASSERT_TRUE(worker.herder->delete_connector("c"));
  EXPECT_EQ(worker.herder->connector("c").error().code, 404);
  ASSERT_TRUE(worker.wait_status("status-connector-c", "UNASSIGNED"));
  EXPECT_EQ(worker.herder->status("c")->type, "unknown");
  worker.world.change([&] { worker.world.tasks[0]->may_end = true; });
  ASSERT_TRUE(worker.wait_status("status-connector-c", ""));
  EXPECT_EQ(worker.herder->status("c").error().code, 404);
  const auto written = worker.written_config();
  EXPECT_EQ(std::vector<LogEntry>(written.end() - 2, written.end()), removal_entries("c"));
  EXPECT_EQ(worker.written_states("status-task-c-0"), (std::vector<std::string>{"RUNNING", "UNASSIGNED", ""}));
  EXPECT_TRUE(worker.herder->topics("c")->empty());
}

TEST(WorkerHerder, RunsAConnectorThatIsCreatedAgainWhileItsOldTaskEnds) {
  FakeWorker worker;
  worker.start();
  worker.create("c");
  ASSERT_TRUE(worker.wait_running("c"));
  worker.world.change([&] { worker.world.tasks[0]->may_end = false; });
  ASSERT_TRUE(worker.herder->delete_connector("c"));
  worker.create("c");
  worker.world.change([&] { worker.world.tasks[0]->may_end = true; });
  ASSERT_TRUE(worker.wait_tasks(2));
  EXPECT_TRUE(worker.wait_running("c"));
}

TEST(WorkerHerder, TracksTopics) {
  FakeWorker worker;
  worker.start();
  worker.create("c");
  ASSERT_TRUE(worker.wait_running("c"));
  worker.task_at(0)->spec.listener.on_topic("b");
  worker.task_at(0)->spec.listener.on_topic("a");
  ASSERT_TRUE(worker.world.wait([&] { return worker.world.status.back().key == "status-topic-a:connector-c"; }));
  EXPECT_EQ(worker.herder->topics("c"), (std::vector<std::string>{"a", "b"}));
  ASSERT_TRUE(worker.herder->reset_topics("c"));
  EXPECT_TRUE(worker.herder->topics("c")->empty());
}

TEST(WorkerHerder, ModifiesOffsetsOfStoppedConnectorsOnly) {
  FakeWorker worker;
  worker.world.offsets[R"(["c",{"b":"1","a":"2"}])"] = {R"({"lsn":1})"};
  worker.start();
  worker.create("c");
  ASSERT_TRUE(worker.wait_running("c"));
  const auto refused = worker.herder->alter_offsets("c", std::nullopt);
  EXPECT_EQ(refused.error().code, 400);
  EXPECT_TRUE(refused.error().message.ends_with("request to the '/connectors/c/stop' endpoint"));

  ASSERT_TRUE(worker.herder->set_target_state("c", TargetState::stopped));
  EXPECT_EQ(worker.herder->offsets("c"), (ConnectorOffsets{{R"({"b":"1","a":"2"})", R"({"lsn":1})"}}));
  const auto altered = worker.herder->alter_offsets(
      "c", ConnectorOffsets{{R"({"a":"2","b":"1"})", R"({"lsn":2})"}, {R"({"server":"x"})", std::nullopt}});
  ASSERT_TRUE(altered) << altered.error().message;
  EXPECT_EQ(*altered, "The Connect framework-managed offsets for this connector have been altered successfully. "
                      "However, if this connector manages offsets externally, they will need to be manually altered "
                      "in the system that the connector uses.");
  EXPECT_EQ(worker.world.offsets, (std::map<std::string, Checkpoint>{{R"(["c",{"b":"1","a":"2"}])", {.offset = R"({"lsn":2})", .whole = false}}}));
  const auto reset = worker.herder->alter_offsets("c", std::nullopt);
  ASSERT_TRUE(reset);
  EXPECT_NE(reset->find("manually reset in"), std::string::npos);
  EXPECT_TRUE(worker.world.offsets.empty());
  ASSERT_TRUE(worker.herder->set_target_state("c", TargetState::started));
  EXPECT_TRUE(worker.wait_tasks(2));
}

// As in Connect, where no offset is there before a record is.
TEST(WorkerHerder, DoesNotShowThatASnapshotHasBegunButForgetsIt) {
  FakeWorker worker;
  worker.world.offsets[R"(["c",{"a":"1"}])"] = {.offset = R"({"lsn":1})", .shown = false};
  worker.start();
  worker.create("c");
  ASSERT_TRUE(worker.wait_running("c"));
  EXPECT_EQ(worker.herder->offsets("c"), ConnectorOffsets{});
  ASSERT_TRUE(worker.herder->set_target_state("c", TargetState::stopped));
  ASSERT_TRUE(worker.herder->alter_offsets("c", std::nullopt));
  EXPECT_TRUE(worker.world.offsets.empty());
}

TEST(WorkerHerder, ChangesOffsetsOnlyAfterTheTaskHasEnded) {
  FakeWorker worker;
  worker.world.offsets[R"(["c",{"a":"2"}])"] = {"{}"};
  worker.start();
  worker.create("c");
  ASSERT_TRUE(worker.wait_running("c"));
  worker.world.change([&] { worker.world.tasks[0]->may_end = false; });
  ASSERT_TRUE(worker.herder->set_target_state("c", TargetState::stopped));
  bool ended_first = false;
  std::thread asking{[&] {
    const auto reset = worker.herder->alter_offsets("c", std::nullopt);
    worker.world.change([&] { ended_first = reset && worker.world.tasks[0]->ended; });
  }};
  EXPECT_EQ(worker.herder->set_target_state("n", TargetState::started).error().code, 404);   // others go on
  worker.world.change([&] { worker.world.tasks[0]->may_end = true; });
  asking.join();
  EXPECT_TRUE(ended_first);
}

TEST(WorkerHerder, TakesOverWhatAnotherWorkerLeft) {
  auto config = running_connector("c");
  config.push_back({"session-key", R"({"key":"AA==","algorithm":"HmacSHA256","creation-timestamp":1})"});
  config.push_back(restart_entry("c", true, false));   // old: not executed
  FakeWorker worker{config,
                    {{"status-connector-c", status_text({"UNASSIGNED", "", "jvm:8083", 7})},
                     {"status-task-c-0", status_text({"UNASSIGNED", "", "jvm:8083", 6})},
                     {"status-task-c-1", status_text({"UNASSIGNED", "", "jvm:8083", 6})}}};
  worker.start();
  ASSERT_TRUE(worker.wait_running("c"));
  EXPECT_TRUE(worker.wait_tasks(1));
  EXPECT_TRUE(worker.written_config().empty());   // nothing to regenerate
  EXPECT_EQ(worker.world.status.front(),
            (LogEntry{"status-connector-c", R"({"state":"RUNNING","trace":null,"worker_id":"h:8083","generation":8})"}));
  EXPECT_EQ(worker.written_states("status-task-c-1"), std::vector<std::string>{""});
  EXPECT_EQ(worker.herder->status("c")->tasks.size(), 1u);
}

TEST(WorkerHerder, MakesTaskConfigsAnewWhenCompactionAteThem) {
  FakeWorker worker{{connector_entry("c", stored("c")), commit_entry("c", 1)}};
  worker.start();
  ASSERT_TRUE(worker.wait_running("c"));
  const auto all = running_connector("c");
  EXPECT_EQ(worker.written_config(), std::vector<LogEntry>(all.begin() + 1, all.end()));
}

TEST(WorkerHerder, FailsAConnectorWhoseSecretCannotBeRead) {
  Config providers;
  providers.set("config.providers", "file");
  providers.set("config.providers.file.class", "org.apache.kafka.common.config.provider.FileConfigProvider");
  RawConfig config = stored("c");
  put_setting(config, "x", "${file:/no/such/file:password}");
  FakeWorker worker{{connector_entry("c", config), task_entry("c", 0, task_config(config, "fake.ConnectorTask")),
                     commit_entry("c", 1)}, {}, {}, providers};
  worker.start();
  ASSERT_TRUE(worker.wait_status("status-connector-c", "FAILED"));
  ASSERT_TRUE(worker.wait_status("status-task-c-0", "FAILED"));
  EXPECT_NE(worker.herder->status("c")->trace.find("/no/such/file"), std::string::npos);
  EXPECT_EQ(worker.herder->restart("c", false, false).error().code, 500);
  EXPECT_EQ(worker.herder->health().code, 200);
}

TEST(WorkerHerder, EndsTasksAndStatusesOnStop) {
  FakeWorker worker;
  worker.start();
  worker.create("c");
  worker.create("s", TargetState::stopped);
  ASSERT_TRUE(worker.wait_running("c"));
  ASSERT_TRUE(worker.wait_status("status-connector-s", "STOPPED"));
  worker.herder->stop();
  EXPECT_TRUE(worker.task_at(0)->ended);
  EXPECT_EQ(worker.written_states("status-connector-c").back(), "UNASSIGNED");
  EXPECT_EQ(worker.written_states("status-task-c-0").back(), "UNASSIGNED");
  EXPECT_EQ(worker.written_states("status-connector-s").back(), "UNASSIGNED");
  EXPECT_EQ(worker.herder->delete_connector("c").error().code, 503);
}

TEST(WorkerHerder, ReportsAKafkaThatRefusesWrites) {
  FakeWorker worker;
  worker.start();
  worker.world.change([&] { worker.world.config_trouble = Error{.text = "Topic authorization failed"}; });
  const auto reply = worker.herder->put_connector("c", FakeWorker::config(), false, std::nullopt);
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().message,
            "Error writing connector configuration to Kafka: Topic authorization failed");
}

TEST(WorkerHerder, SaysThatItStartsUntilTheTopicsAreRead) {
  FakeWorker worker;
  EXPECT_EQ(worker.herder->health().code, 503);
  EXPECT_EQ(worker.herder->health().status, "starting");
  EXPECT_EQ(worker.herder->connectors().error().code, 503);
  worker.start();
  EXPECT_EQ(worker.herder->health().message,
            "Worker has completed startup and is ready to handle requests.");
}

TEST(WorkerHerder, TellsOfTopicsThatItCannotUse) {
  FakeWorker worker;
  worker.open_error = Error{.text = "Topic 'c' has 2 partitions"};
  worker.start();
  EXPECT_TRUE(worker.world.wait([&] { return worker.fatal == "Topic 'c' has 2 partitions"; }));
  EXPECT_EQ(worker.herder->health().code, 500);
}

TEST(WorkerHerder, CreatesTheConnectorsOfTheCommandLine) {
  FakeWorker worker{{}, {}, {stored("a"), stored("b")}};
  worker.start();
  EXPECT_TRUE(worker.wait_running("a"));
  EXPECT_TRUE(worker.wait_running("b"));
}

}  // namespace
}  // namespace millrace
