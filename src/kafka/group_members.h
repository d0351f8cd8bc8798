// Who is in a consumer group, asked of all brokers with rd_kafka_list_groups: it joins nothing and changes nothing.
// Threads: any; a call blocks up to its time. Source of the group protocol "connect": Kafka Connect 4.0, WorkerCoordinator.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"
#include "kafka/handles.h"

namespace millrace::kafka {

inline constexpr std::string_view k_connect_protocol = "connect";

// "client.id at host" of each member, where the group has this protocol type; empty: none, or another protocol.
// Errors, all retriable: no broker answered in time, or none may tell.
Result<std::vector<std::string>> group_members(rd_kafka_t* client, const std::string& group, std::string_view protocol_type,
                                               int timeout_ms);

}  // namespace millrace::kafka
