// The MongoDB connector's configuration: its options, their checks, and what the rest of the source reads from it.
// Names, defaults and texts are those of Debezium's connector 2.7.
// Threads: any. Errors: validate() connects to the server as the last check, at most 30 s.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/config.h"
#include "core/error.h"
#include "core/java_regex.h"
#include "core/memory_file.h"

namespace millrace::mongodb {

const ConfigDef& config_def();

// Checks beyond the ConfigDef that need no server; also refuses options that are not supported yet.
void check(const Config& config, ConfigErrors& errors);

// Checks that need a server. With an error in `errors` already no connection is tried.
void validate(const Config& config, ConfigErrors& errors);

// The connection string with everything that the other mongodb.* options add where the string itself says nothing
// (user, password, authsource, timeouts, TLS), as libmongoc takes it. The TLS fields are what counts in the end, whether
// the string or the options said it. Errors hold no part of the string.
struct ConnectionSettings {
  std::string uri;                          // holds the password: never log it
  bool tls = false;
  std::string ca_file, certificate_file;    // PEM; empty: the system's, none
  std::string certificate_password;
  std::vector<std::shared_ptr<const MemoryFile>> stores;   // that such paths lead to
  bool invalid_hostname_allowed = false;
};
Result<ConnectionSettings> connection_settings(const Config& config);
// For logs and errors: asterisks in the place of user, password, auth source and whatever else of the options may be a
// secret. Of a text that cannot be taken apart only the scheme is left.
std::string masked_connection_string(std::string_view text);

enum class CaptureScope : std::uint8_t { deployment, database, collection };

// cursor.pipeline.order: the user's stages and those that leave out what the connector does not want.
enum class PipelineOrder : std::uint8_t { internal_first, user_first, user_only };
// cursor.oversize.handling.mode: of events beyond 16 MiB. skip leaves out those with an image of more than skip_threshold bytes.
enum class OversizeHandling : std::uint8_t { fail, skip, split };

struct CaptureOptions {
  CaptureScope scope = CaptureScope::deployment;
  std::string database, collection;         // of a narrow scope: capture.target, split at its first dot
  bool full_document = true;                // *_update_full*
  bool post_images = false;                 // capture.mode.full.update.type=post_image
  bool pre_images = false;                  // *_with_pre_image
  std::int64_t await_ms = 0;                // cursor.max.await.time.ms; 0: the server's default
  std::vector<std::string> user_stages;     // cursor.pipeline, BSON
  PipelineOrder order = PipelineOrder::internal_first;
  OversizeHandling oversize = OversizeHandling::fail;
  std::int32_t skip_threshold = 0;
  std::vector<std::string> operations;      // insert, update, replace, delete without skipped.operations
};
Result<CaptureOptions> capture_options(const Config& config);

// Which collections are captured: both lists, local, admin and config left out, the signal collection added.
// Regular expressions are Java's, match the whole name, any case; filters.match.mode=literal compares, any case (ASCII).
// A pattern that cannot be matched takes the name: rather a collection too many than one lost. It is logged.
class CollectionFilter {
 public:
  static Result<CollectionFilter> create(const Config& config);
  bool takes_database(std::string_view database) const;        // local, admin and config never
  bool takes(std::string_view database, std::string_view collection) const;
  // For $match: every namespace that takes() accepts matches this PCRE (case ignored, anchored); empty: no condition.
  // It may accept more: the client decides.
  const std::string& server_database_regex() const { return server_databases_; }
  const std::string& server_namespace_regex() const { return server_namespaces_; }
  // The same by database and collection, where the list names single ones: a server finds these in its oplog without
  // putting names together. Case ignored; empty: use the two above.
  using NamePair = std::pair<std::string, std::string>;
  const std::vector<NamePair>& server_names() const { return server_names_; }

 private:
  // An include or an exclude list, of which the include list wins.
  struct NameList {
    RegexList patterns;
    std::vector<std::string> literals;      // lower case
    bool including = false;
    bool empty = true;                      // takes every name

    static Result<NameList> create(const Config& config, const std::string& include, const std::string& exclude);
    bool takes(const std::string& name) const;
  };

  NameList databases_, collections_;
  std::string signal_collection_, server_databases_, server_namespaces_;
  std::vector<NamePair> server_names_;
};

}  // namespace millrace::mongodb
