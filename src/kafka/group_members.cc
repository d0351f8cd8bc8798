#include "kafka/group_members.h"

#include <memory>

namespace millrace::kafka {
namespace {

using GroupsPtr = std::unique_ptr<const rd_kafka_group_list, Destroy<rd_kafka_group_list_destroy>>;

std::unexpected<Error> unknown(const std::string& group, rd_kafka_resp_err_t code) {
  return fail("The members of group '" + group + "' are not known: " + rd_kafka_err2str(code), Retry::yes);
}

}  // namespace

Result<std::vector<std::string>> group_members(rd_kafka_t* client, const std::string& group, std::string_view protocol_type,
                                               int timeout_ms) {
  const rd_kafka_group_list* list = nullptr;
  const auto code = rd_kafka_list_groups(client, group.c_str(), &list, timeout_ms);
  const GroupsPtr owner{list};
  // Partial: some broker was silent; the one that leads the group may be among those that were not.
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR && code != RD_KAFKA_RESP_ERR__PARTIAL) return unknown(group, code);
  std::vector<std::string> out;
  for (int i = 0; i < list->group_cnt; ++i) {
    const rd_kafka_group_info& one = list->groups[i];
    if (one.err != RD_KAFKA_RESP_ERR_NO_ERROR) return unknown(group, one.err);
    if (one.protocol_type == nullptr || one.protocol_type != protocol_type) continue;
    for (int member = 0; member < one.member_cnt; ++member)
      out.push_back(std::string{one.members[member].client_id} + " at " + one.members[member].client_host);
  }
  return out;
}

}  // namespace millrace::kafka
