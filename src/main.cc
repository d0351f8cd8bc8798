// millrace: arguments, signals, exit codes. The worker itself is a Herder, its face a RestServer.
// Exit codes: 0 stopped by a signal or nothing to complain of, 1 wrong input or a failed worker, 3 stopping took
// too long; a second signal ends the process at once with 128 + its number.
#include <malloc.h>
#include <poll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <optional>
#include <sstream>
#include <utility>

#include "connect/connector_validation.h"
#include "connect/herder.h"
#include "connect/worker_config.h"
#include "core/file_content.h"
#include "core/log.h"
#include "core/log_config.h"
#include "core/properties.h"
#include "core/wake.h"
#include "rest/http_server.h"
#include "rest/metrics_server.h"

namespace millrace {
namespace {

constexpr std::string_view k_log = "org.apache.kafka.connect.cli.Millrace";
constexpr unsigned k_stop_seconds_max = 8;   // tasks have 5 s; the rest is for the last requests

struct Arguments {
  WorkerMode mode = WorkerMode::distributed;
  std::string worker_file;
  std::vector<std::string> connector_files;
  std::string log_config;            // empty: from the environment
  bool check_only = false;
};

// A value of a connector file: scalars become texts, as Connect's JSON reader makes them.
Result<std::optional<std::string>> text_of(const nlohmann::ordered_json& value) {
  if (value.is_null()) return std::nullopt;
  if (value.is_string()) return value.get<std::string>();
  if (value.is_boolean() || value.is_number()) return value.dump();
  return fail("an object or array where a text is expected");
}

Result<RawConfig> connector_of_json(const std::string& text) {
  const auto root = nlohmann::ordered_json::parse(text, nullptr, false);
  if (root.is_discarded()) return fail("not JSON");
  if (!root.is_object()) return fail("not a JSON object");
  // Both forms that Connect takes: {"name":..., "config":{...}} and the settings alone.
  const bool wrapped = root.contains("config") && root["config"].is_object();
  const auto& settings = wrapped ? root["config"] : root;
  RawConfig out;
  for (const auto& [name, value] : settings.items()) {
    auto setting = text_of(value);
    if (!setting) return fail("\"" + name + "\": " + setting.error().text);
    out.emplace_back(name, std::move(*setting));
  }
  if (wrapped && root.contains("name") && !settings.contains("name")) {
    MR_TRY(auto name, text_of(root["name"]));
    out.emplace_back("name", std::move(name));
  }
  return out;
}

Result<RawConfig> read_connector_file(const std::string& path) {
  if (path.ends_with(".json")) {
    MR_TRY(const std::string text, read_named_file(path));
    auto config = connector_of_json(text);
    if (!config) return fail(path + ": " + config.error().text);
    return config;
  }
  MR_TRY(const Config config, read_properties_file(path, PropertiesEncoding::latin1));
  RawConfig out;
  for (const auto& [name, value] : config.entries()) out.emplace_back(name, value);
  return out;
}

// Problems of the connector files, a line each. The databases are not asked: a worker may start before them.
std::vector<std::string> problems_of(const std::string& path, const RawConfig& config, const WorkerConfig& worker) {
  const auto result = validate_connector(path, config, worker, TestConnection::no);
  if (!result) return {path + ": " + result.error().message};
  std::vector<std::string> problems;
  for (const std::string& error : errors_of(*result)) problems.push_back(path + ": " + error);
  return problems;
}

struct Input {
  WorkerConfig worker;
  std::vector<RawConfig> connectors;
};

// Everything that can be wrong without a connection, all of it.
std::expected<Input, std::vector<std::string>> read_input(const Arguments& arguments) {
  std::vector<std::string> problems;
  auto worker = load_worker_config(arguments.mode, arguments.worker_file);
  if (!worker) problems.push_back(worker.error().text);
  else if (auto metrics = metrics_settings(worker->settings, nullptr); !metrics) problems.push_back(metrics.error().text);
  std::vector<RawConfig> connectors;
  for (const std::string& path : arguments.connector_files) {
    auto config = read_connector_file(path);
    if (!config) {
      problems.push_back(config.error().text);
      continue;
    }
    if (worker) {
      std::vector<std::string> more = problems_of(path, *config, *worker);
      problems.insert(problems.end(), std::move_iterator{more.begin()}, std::move_iterator{more.end()});
    }
    connectors.push_back(std::move(*config));
  }
  if (!problems.empty()) return std::unexpected{std::move(problems)};
  return Input{std::move(*worker), std::move(connectors)};
}

// Each line of its own: a text may hold several problems.
void say(const std::string& problem) {
  std::istringstream lines{problem};
  for (std::string line; std::getline(lines, line);) std::cerr << "millrace: " << line << '\n';
}

// The first argument that is no option, when it is no command either: CLI11 only says that one is missing.
std::optional<std::string> unknown_command(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument{argv[i]};
    if (argument.starts_with('-')) continue;
    if (argument == "distributed" || argument == "standalone") return std::nullopt;
    return std::string{argument};
  }
  return std::nullopt;
}

sigset_t ending_signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  return set;
}

extern "C" void end_at_once(int signal) { ::_exit(128 + signal); }

extern "C" void end_stuck(int) {
  constexpr std::string_view text = "millrace: stopping took too long\n";
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, text.data(), text.size());
  ::_exit(3);
}

// From here a second signal is no longer waited for. The handlers are needed because a process 1 ignores
// signals that have none.
void arm_second_signal() {
  std::signal(SIGTERM, end_at_once);
  std::signal(SIGINT, end_at_once);
  std::signal(SIGALRM, end_stuck);
  const sigset_t set = ending_signals();
  ::pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
  ::alarm(k_stop_seconds_max);
}

// Waits for a signal or for the worker's end.
void wait_for_end(int signals, const StopSignal& failed) {
  std::array<pollfd, 2> fds{{{signals, POLLIN, 0}, {failed.fd(), POLLIN, 0}}};
  while (::poll(fds.data(), fds.size(), -1) < 0 && errno == EINTR) {}
  if (failed.requested()) return;
  signalfd_siginfo info{};
  if (::read(signals, &info, sizeof info) == sizeof info)
    logger(k_log)->info("Stopping on {}; once more ends at once",
                        info.ssi_signo == SIGINT ? "SIGINT" : "SIGTERM");
}

int run(Input input, int signals) {
  const Config settings = input.worker.settings;
  const std::vector<Listener> addresses = listeners(settings);
  auto herder = input.worker.mode == WorkerMode::distributed
                    ? make_distributed_herder(std::move(input.worker))
                    : make_standalone_herder(std::move(input.worker), std::move(input.connectors));
  if (!herder) {
    say(herder.error().text);
    return 1;
  }
  auto server = RestServer::open(addresses, **herder, settings);
  if (!server) {
    say(server.error().text);
    return 1;
  }
  auto metrics = open_metrics(settings, **herder, MILLRACE_VERSION);
  if (!metrics) {
    say(metrics.error().text + (metrics.error().cause ? ": " + metrics.error().cause->text : ""));
    return 1;
  }
  StopSignal failed;
  (*herder)->start([&failed](const Error& error) {
    logger(k_log)->error("The worker has failed: {}", error.trace());
    failed.request();
  });
  const Listener& first = addresses.front();
  std::cout << "millrace " MILLRACE_VERSION " ready on " << first.scheme << "://"
            << (first.host.empty() ? "localhost" : first.host) << ':' << (*server)->port() << std::endl;
  wait_for_end(signals, failed);
  arm_second_signal();
  (*herder)->stop();   // answers the requests that still wait, so that the server can end
  server->reset();
  metrics->reset();
  herder->reset();
  ::alarm(0);
  logger(k_log)->info("Stopped");
  return failed.requested() ? 1 : 0;
}

// Levels of a file that was asked for must be there; those of the environment may be another program's.
std::expected<std::unique_ptr<LogConfigFile>, std::string> read_log_config(const std::string& asked_for) {
  const auto path = asked_for.empty() ? log_config_path(std::getenv("KAFKA_LOG4J_OPTS")) : std::optional{asked_for};
  if (!path) return nullptr;
  auto file = LogConfigFile::open(*path);
  if (file) return std::move(*file);
  if (!asked_for.empty()) return std::unexpected{file.error().text};
  logger(k_log)->warn("Log levels stay at INFO: {}", file.error().text);
  return nullptr;
}

int checked(const Arguments& arguments) {
  const auto input = read_input(arguments);
  if (input) {
    std::cout << arguments.worker_file << ": no problem found\n";
    return 0;
  }
  for (const std::string& problem : input.error()) say(problem);
  return 1;
}

int serve(const Arguments& arguments) {
  // Before any thread: all of them inherit the mask, and only the signal descriptor sees the signals.
  const sigset_t set = ending_signals();
  ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  const int signals = ::signalfd(-1, &set, SFD_CLOEXEC);
  if (signals < 0) {
    say(std::string{"signalfd: "} + std::strerror(errno));
    return 1;
  }
  const auto log_config = read_log_config(arguments.log_config);
  if (!log_config) {
    say(log_config.error());
    return 1;
  }
  auto input = read_input(arguments);
  if (!input) {
    for (const std::string& problem : input.error()) say(problem);
    return 1;
  }
  return run(std::move(*input), signals);
}

}  // namespace

int millrace_main(int argc, char** argv) {
  Arguments arguments;
  CLI::App app{"Change data capture into Apache Kafka: Kafka Connect's worker with Debezium's connectors, natively."};
  app.set_version_flag("--version", "millrace " MILLRACE_VERSION);
  app.add_flag("--check", arguments.check_only,
               "read and validate the files, connect to nothing, list every problem; exit code 1 if there is one");
  app.add_option("--log-config", arguments.log_config,
                 "log levels: a log4j2.properties file; default: the one that KAFKA_LOG4J_OPTS names, then Strimzi's")
      ->type_name("FILE");
  app.require_subcommand(1);
  app.fallthrough();
  CLI::App* distributed = app.add_subcommand("distributed", "a worker that keeps its state in Kafka topics");
  distributed->add_option("WORKER", arguments.worker_file, "the worker's .properties file")->required();
  CLI::App* standalone = app.add_subcommand("standalone", "a worker on its own, offsets in a file");
  standalone->add_option("WORKER", arguments.worker_file, "the worker's .properties file")->required();
  standalone->add_option("CONNECTOR", arguments.connector_files, "connectors, .properties or .json");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);   // --help, --version
    const auto unknown = unknown_command(argc, argv);
    say((unknown ? "unknown command '" + *unknown + "'" : std::string{error.what()}) + " (see millrace --help)");
    return 1;
  }
  arguments.mode = standalone->parsed() ? WorkerMode::standalone : WorkerMode::distributed;
  start_logging();
  return arguments.check_only ? checked(arguments) : serve(arguments);
}

}  // namespace millrace

int main(int argc, char** argv) {
  // Arenas of their own for many threads would keep memory that no one uses again.
  ::mallopt(M_ARENA_MAX, 2);
  // A fixed threshold: what is larger goes back to the operating system as soon as it is freed. By default it rises to the
  // largest block ever freed, so that one document of 16 MiB would leave its memory behind.
  ::mallopt(M_MMAP_THRESHOLD, 4 * 1024 * 1024);
  // With it the other threshold is fixed too, at 128 KiB: each batch that librdkafka frees would go back, and the next one
  // would come as fresh pages to be cleared.
  ::mallopt(M_TRIM_THRESHOLD, 8 * 1024 * 1024);
  try {
    return millrace::millrace_main(argc, argv);
  } catch (const std::exception& error) {
    std::cerr << "millrace: " << error.what() << '\n';
    return 1;
  }
}
