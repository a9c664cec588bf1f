#include "agent/spool/lane_table.h"

#include <algorithm>
#include <utility>

namespace picket {

Expected<LaneTable> LaneTable::Load(sqlite::Database& db) {
  LaneTable table;
  // The highest seq on disk is a floor too: Append does not write the lane's row.
  Expected<sqlite::Statement> select = db.Prepare(
      "SELECT id, agent, epoch, stream, topic, boot_id, ended_clean,"
      " high, coalesce((SELECT max(seq) FROM record WHERE lane = l.id), 0), window_records"
      " FROM lane AS l ORDER BY id");
  if (!select) return std::unexpected(select.error());
  {
    sqlite::Query query(*select);
    while (true) {
      const Expected<bool> row = query.Next();
      if (!row) return std::unexpected(row.error());
      if (!*row) break;
      LaneInfo lane;
      lane.id = query.GetInt(0);
      lane.lane.agent = query.GetBytes(1);
      lane.lane.epoch = static_cast<uint64_t>(query.GetInt(2));
      lane.lane.stream = query.GetBytes(3);
      lane.topic = query.GetBytes(4);
      lane.boot_id = query.GetBytes(5);
      lane.ended_clean = query.GetInt(6) != 0;
      lane.high = static_cast<uint64_t>(query.GetInt(7));
      lane.window_records = static_cast<uint32_t>(query.GetInt(9));
      table.Put(lane);
      table.RaiseHigh(lane.id, static_cast<uint64_t>(query.GetInt(8)));
    }
  }
  const Status prepared =
      db.PrepareAll({{&table.insert_,
                      "INSERT INTO lane (id, agent, epoch, stream, topic, boot_id, ended_clean, high,"
                      " window_records) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"},
                     {&table.update_, "UPDATE lane SET ended_clean = ?, high = ? WHERE id = ?"},
                     {&table.delete_, "DELETE FROM lane WHERE id = ?"}});
  if (!prepared) return std::unexpected(prepared.error());
  return table;
}

const LaneInfo* LaneTable::Find(LaneId id) const {
  const auto found = lanes_.find(id);
  return found == lanes_.end() ? nullptr : &found->second;
}

const LaneInfo* LaneTable::LastOf(std::string_view stream) const {
  for (auto it = lanes_.rbegin(); it != lanes_.rend(); ++it) {
    if (it->second.lane.stream == stream) return &it->second;
  }
  return nullptr;
}

Status LaneTable::Insert(const LaneInfo& lane) {
  return sqlite::Query(insert_)
      .Int(lane.id)
      .Text(lane.lane.agent)
      .Int(static_cast<int64_t>(lane.lane.epoch))
      .Text(lane.lane.stream)
      .Text(lane.topic)
      .Text(lane.boot_id)
      .Int(lane.ended_clean ? 1 : 0)
      .Int(static_cast<int64_t>(lane.high))
      .Int(lane.window_records)
      .Run();
}

Status LaneTable::Update(const LaneInfo& lane) {
  return sqlite::Query(update_)
      .Int(lane.ended_clean ? 1 : 0)
      .Int(static_cast<int64_t>(lane.high))
      .Int(lane.id)
      .Run();
}

Status LaneTable::Delete(LaneId id) {
  return sqlite::Query(delete_).Int(id).Run();
}

void LaneTable::Put(const LaneInfo& lane) {
  last_id_ = std::max(last_id_, lane.id);
  lanes_[lane.id] = lane;
  stored_high_[lane.id] = lane.high;
}

void LaneTable::Forget(LaneId id) {
  lanes_.erase(id);
  stored_high_.erase(id);
}

void LaneTable::MarkHighStored(LaneId id) {
  const auto lane = lanes_.find(id);
  if (lane != lanes_.end()) stored_high_[id] = lane->second.high;
}

bool LaneTable::HighIsStored(LaneId id) const {
  const auto lane = lanes_.find(id);
  const auto stored = stored_high_.find(id);
  return lane == lanes_.end() || (stored != stored_high_.end() && stored->second >= lane->second.high);
}

void LaneTable::RaiseHigh(LaneId id, uint64_t seq) {
  const auto found = lanes_.find(id);
  if (found != lanes_.end()) found->second.high = std::max(found->second.high, seq);
}

}  // namespace picket
