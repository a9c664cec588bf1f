// The two ends of the control socket: a UNIX stream socket that only its owner and root may use.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "port/error.h"

namespace picket {

// A listening socket that is unlinked when it is closed.
class ControlListener {
 public:
  // A non-blocking socket at `path` (1 to kMaxSocketPathBytes bytes) of mode 0600. One that a dead agent left
  // there is replaced. kUnavailable, and nothing was touched: an agent answers there, or what is there is no
  // socket, or it cannot be made.
  static Expected<ControlListener> Open(const std::string& path);
  ~ControlListener();
  ControlListener(ControlListener&& other) noexcept;
  ControlListener& operator=(ControlListener&&) = delete;

  int fd() const { return fd_; }

 private:
  ControlListener(std::string path, int fd) : path_(std::move(path)), fd_(fd) {}
  std::string path_;
  int fd_;
  // Which file we made: what somebody else put there since is not ours to unlink.
  uint64_t device_ = 0, inode_ = 0;
};

// Whether the process at the other end is root's or of our own user (SO_PEERCRED, unix(7)).
bool PeerMayControl(int fd);

// Sends one request line to the agent at `path` and returns its reply, one JSON object, without the line
// break. Blocks for at most `patience`. kUnavailable: nobody is there, or no reply in time; kPermission:
// another user's agent; kCorrupt: no such reply; kIo.
Expected<std::string> AskAgent(const std::string& path, const std::string& request,
                               std::chrono::milliseconds patience);

}  // namespace picket
