#include "consumer/store/positions.h"

#include <algorithm>
#include <numeric>

namespace picket {
namespace {

// What can be done is the same in all cases, until there is a command for it.
constexpr const char* kCure =
    "Nothing was read or changed. To accept the loss and read the topic from its start, delete the row of "
    "table "
    "kafka_position; records that are stored already are not stored twice";

std::unexpected<Error> Refuse(const PartitionOrigin& origin, const std::string& what) {
  return Fail(ErrorCode::kCorrupt, "%s [%d]: %s. %s", origin.partition.topic.c_str(),
              origin.partition.partition, what.c_str(), kCure);
}

Status CheckOrigin(const PartitionOrigin& origin, std::string_view cluster_id, std::string_view topic_id,
                   int64_t next) {
  if (cluster_id != origin.cluster_id) {
    return Refuse(origin, "the stored position is of Kafka cluster " + std::string(cluster_id) +
                              ", this is cluster " + origin.cluster_id);
  }
  if (!topic_id.empty() && !origin.topic_id.empty() && topic_id != origin.topic_id) {
    return Refuse(origin, "the topic was deleted and made again: its id was " + std::string(topic_id) +
                              " and is " + origin.topic_id);
  }
  if (next < origin.first_offset) {
    return Refuse(origin, "messages " + std::to_string(next) + " to " +
                              std::to_string(origin.first_offset - 1) +
                              " were deleted by the topic's retention before they were read");
  }
  if (next > origin.end_offset && !topic_id.empty() && topic_id == origin.topic_id) {
    // A leader that was just started may not know yet how far its replicas are.
    return Fail(
        ErrorCode::kUnavailable,
        "%s [%d]: the stored position is %lld, but the partition ends at %lld. This passes when a broker was "
        "restarted; if it stays, the partition was truncated",
        origin.partition.topic.c_str(), origin.partition.partition, static_cast<long long>(next),
        static_cast<long long>(origin.end_offset));
  }
  if (next > origin.end_offset) {
    return Refuse(origin, "the stored position is " + std::to_string(next) + ", but the partition ends at " +
                              std::to_string(origin.end_offset) + ": it was truncated or made again");
  }
  return {};
}

Expected<int64_t> TakeOne(Connection& connection, int64_t owner, const PartitionOrigin& origin) {
  const std::string partition = std::to_string(origin.partition.partition);
  const Expected<QueryResult> made = connection.Run(
      "INSERT INTO kafka_position (topic, partition, cluster_id, topic_id, next_offset, owner)"
      " VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
      {origin.partition.topic, partition, origin.cluster_id, origin.topic_id,
       std::to_string(origin.first_offset), std::to_string(owner)});
  if (!made) return std::unexpected(made.error());
  const Expected<QueryResult> found = connection.Run(
      "SELECT cluster_id, topic_id, next_offset FROM kafka_position WHERE topic = $1 AND partition = $2 FOR "
      "UPDATE",
      {origin.partition.topic, partition});
  if (!found) return std::unexpected(found.error());
  if (found->Rows() != 1) return Fail(ErrorCode::kUnavailable, "the position was deleted meanwhile");
  const int64_t next = found->Integer(0, 2);
  if (Status good = CheckOrigin(origin, found->Text(0, 0), found->Text(0, 1), next); !good) {
    return std::unexpected(std::move(good).error());
  }
  const Expected<QueryResult> owned = connection.Run(
      "UPDATE kafka_position SET owner = $3, topic_id = CASE WHEN $4 = '' THEN topic_id ELSE $4 END, "
      "updated_at = now()"
      " WHERE topic = $1 AND partition = $2",
      {origin.partition.topic, partition, std::to_string(owner), origin.topic_id});
  if (!owned) return std::unexpected(owned.error());
  return next;
}

}  // namespace

Expected<std::vector<int64_t>> TakePositions(Connection& connection, int64_t owner,
                                             const std::vector<PartitionOrigin>& partitions) {
  std::vector<size_t> order(partitions.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(),
            [&](size_t a, size_t b) { return partitions[a].partition < partitions[b].partition; });

  if (const auto begun = connection.Run("BEGIN"); !begun) return std::unexpected(begun.error());
  std::vector<int64_t> positions(partitions.size());
  for (const size_t i : order) {
    const Expected<int64_t> taken = TakeOne(connection, owner, partitions[i]);
    if (!taken) {
      // When this fails, too, the connection is gone and the transaction with it.
      (void)connection.Run("ROLLBACK");
      return std::unexpected(taken.error());
    }
    positions[i] = *taken;
  }
  if (const auto committed = connection.Run("COMMIT"); !committed) return std::unexpected(committed.error());
  return positions;
}

Status AdvancePositions(Connection& connection, int64_t owner, std::vector<Advance> advances) {
  std::sort(advances.begin(), advances.end(),
            [](const Advance& a, const Advance& b) { return a.partition < b.partition; });
  for (const Advance& advance : advances) {
    const Expected<QueryResult> moved = connection.Run(
        "UPDATE kafka_position SET next_offset = $3, updated_at = now()"
        " WHERE topic = $1 AND partition = $2 AND next_offset = $4 AND owner = $5",
        {advance.partition.topic, std::to_string(advance.partition.partition), std::to_string(advance.next),
         std::to_string(advance.expected), std::to_string(owner)});
    if (!moved) return std::unexpected(moved.error());
    if (moved->Affected() != 1) {
      return Fail(ErrorCode::kAlreadyExists,
                  "%s [%d]: the position is not at %lld any more, or another consumer has it",
                  advance.partition.topic.c_str(), advance.partition.partition,
                  static_cast<long long>(advance.expected));
    }
  }
  return {};
}

}  // namespace picket
