#include "port/seccomp.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <iterator>
#include <span>
#include <vector>

#if defined(__x86_64__)
#define PICKET_AUDIT_ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define PICKET_AUDIT_ARCH AUDIT_ARCH_AARCH64
#elif defined(__arm__)
#define PICKET_AUDIT_ARCH AUDIT_ARCH_ARM
#elif defined(__mips__) && defined(__MIPSEL__)
#define PICKET_AUDIT_ARCH AUDIT_ARCH_MIPSEL
#elif defined(__mips__)
#define PICKET_AUDIT_ARCH AUDIT_ARCH_MIPS
#elif defined(__riscv) && __riscv_xlen == 64
#define PICKET_AUDIT_ARCH AUDIT_ARCH_RISCV64
#else
#define PICKET_AUDIT_ARCH 0
#endif

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define PICKET_SANITIZER 1
#else
#define PICKET_SANITIZER 0
#endif

namespace picket {
namespace {

// Allowed whatever the arguments. Measured with strace on the agent's tests, with what musl and glibc use in the same
// places on other processors; the most frequent first, as the kernel may walk through the list.
constexpr int kAllowed[] = {
    // Sockets, the loop, waiting.
    SYS_recvfrom, SYS_sendto, SYS_read, SYS_write, SYS_futex,
#ifdef SYS_futex_time64
    SYS_futex_time64,
#endif
#ifdef SYS_epoll_wait
    SYS_epoll_wait,
#endif
    SYS_epoll_pwait, SYS_epoll_ctl, SYS_epoll_create1,
#ifdef SYS_poll
    SYS_poll,
#endif
    SYS_ppoll,
#ifdef SYS_ppoll_time64
    SYS_ppoll_time64,
#endif
    SYS_timerfd_create,
#ifdef SYS_timerfd_settime
    SYS_timerfd_settime,
#endif
#ifdef SYS_timerfd_settime32 // musl's word for the one with 32-bit times
    SYS_timerfd_settime32,
#endif
#ifdef SYS_timerfd_settime64
    SYS_timerfd_settime64,
#endif
    SYS_recvmsg, SYS_sendmsg, SYS_readv, SYS_writev, SYS_connect, SYS_bind, SYS_listen, SYS_accept4, SYS_shutdown,
    SYS_getsockname, SYS_getpeername, SYS_getsockopt, SYS_setsockopt, SYS_socketpair, SYS_eventfd2, SYS_pipe2,
    SYS_signalfd4,
#ifdef SYS_recvmmsg
    SYS_recvmmsg, SYS_sendmmsg,
#endif
#ifdef SYS_recv
    SYS_recv, SYS_send,
#endif
#ifdef SYS_accept
    SYS_accept,
#endif
#ifdef SYS_pipe
    SYS_pipe,
#endif
    // Files: the buffer, the configuration, certificates, names.
    SYS_openat, SYS_close, SYS_fcntl,
#ifdef SYS_fcntl64
    SYS_fcntl64,
#endif
#ifdef SYS_open
    SYS_open, SYS_stat, SYS_lstat, SYS_access, SYS_mkdir, SYS_unlink, SYS_rename, SYS_rmdir, SYS_readlink, SYS_chmod,
    SYS_chown,
#endif
    SYS_fstat,
#ifdef SYS_newfstatat
    SYS_newfstatat,
#endif
#ifdef SYS_fstat64
    SYS_fstat64, SYS_fstatat64,
#endif
#ifdef SYS_stat64
    SYS_stat64, SYS_lstat64,
#endif
#ifdef SYS_statx
    SYS_statx,
#endif
    SYS_lseek,
#ifdef SYS__llseek
    SYS__llseek,
#endif
    SYS_pread64, SYS_pwrite64, SYS_preadv, SYS_pwritev, SYS_fsync, SYS_fdatasync, SYS_ftruncate, SYS_fallocate,
#ifdef SYS_ftruncate64
    SYS_ftruncate64,
#endif
    SYS_faccessat,
#ifdef SYS_faccessat2
    SYS_faccessat2,
#endif
    SYS_mkdirat, SYS_unlinkat, SYS_readlinkat, SYS_fchmod, SYS_fchmodat, SYS_fchown, SYS_fchownat, SYS_utimensat,
#ifdef SYS_renameat
    SYS_renameat,
#endif
    SYS_renameat2, SYS_statfs, SYS_fstatfs,
#ifdef SYS_statfs64
    SYS_statfs64, SYS_fstatfs64,
#endif
    SYS_getdents64, SYS_getcwd, SYS_umask, SYS_flock, SYS_dup, SYS_dup3,
#ifdef SYS_dup2
    SYS_dup2,
#endif
    SYS_ioctl,
    // Memory, threads, signals of one's own.
    SYS_brk, SYS_munmap, SYS_mremap, SYS_madvise, SYS_mincore, SYS_set_tid_address, SYS_set_robust_list,
    SYS_sched_yield, SYS_sched_getaffinity, SYS_gettid, SYS_getpid, SYS_getppid, SYS_getuid, SYS_geteuid, SYS_getgid,
    SYS_getegid, SYS_rt_sigaction, SYS_rt_sigprocmask, SYS_rt_sigreturn, SYS_rt_sigtimedwait, SYS_sigaltstack,
    SYS_tgkill, SYS_restart_syscall, SYS_exit, SYS_exit_group,
#ifdef SYS_rseq
    SYS_rseq,
#endif
#ifdef SYS_membarrier
    SYS_membarrier,
#endif
#ifdef SYS_sigreturn
    SYS_sigreturn,
#endif
#ifdef SYS_cacheflush
    SYS_cacheflush,
#endif
#ifdef __ARM_NR_set_tls
    __ARM_NR_set_tls, __ARM_NR_cacheflush,
#endif
    // Time, chance, limits.
    SYS_nanosleep, SYS_getrandom, SYS_uname, SYS_sysinfo, SYS_getrusage, SYS_prlimit64, SYS_times,
#ifdef SYS_clock_gettime
    SYS_clock_gettime, SYS_clock_nanosleep, SYS_gettimeofday,
#endif
#ifdef SYS_clock_gettime32 // musl's words for those with 32-bit times
    SYS_clock_gettime32, SYS_clock_nanosleep_time32, SYS_gettimeofday_time32,
#endif
#ifdef SYS_clock_gettime64
    SYS_clock_gettime64, SYS_clock_nanosleep_time64,
#endif
#ifdef SYS_getrlimit
    SYS_getrlimit,
#endif
};

constexpr sock_filter Statement(uint16_t code, uint32_t value) { return {code, 0, 0, value}; }
constexpr sock_filter Jump(uint16_t code, uint32_t value, uint8_t if_true, uint8_t if_false) {
  return {code, if_true, if_false, value};
}

constexpr uint32_t kNumber = offsetof(seccomp_data, nr);
constexpr uint32_t kArchitecture = offsetof(seccomp_data, arch);
// The low half of an argument; the flags looked at fit into it.
constexpr uint32_t Argument(unsigned index) {
  constexpr uint32_t kLowHalf = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? 4 : 0;
  return offsetof(seccomp_data, args) + index * 8 + kLowHalf;
}

class Program {
 public:
  explicit Program(uint32_t refusal) : refusal_(refusal) {
    Load(kArchitecture);
    // Another ABI of the processor has other numbers.
    Add(Jump(BPF_JMP | BPF_JEQ | BPF_K, PICKET_AUDIT_ARCH, 1, 0));
    Return(SECCOMP_RET_KILL_PROCESS);
    Load(kNumber);
  }

  void Allow(int number) {
    Add(Jump(BPF_JMP | BPF_JEQ | BPF_K, static_cast<uint32_t>(number), 0, 1));
    Return(SECCOMP_RET_ALLOW);
  }

  // Only when one of `values` is the argument.
  void AllowArgument(int number, unsigned argument, std::span<const uint32_t> values) {
    const auto body = static_cast<uint8_t>(2 * values.size() + 2);
    Add(Jump(BPF_JMP | BPF_JEQ | BPF_K, static_cast<uint32_t>(number), 0, body));
    Load(Argument(argument));
    for (const uint32_t value : values) {
      Add(Jump(BPF_JMP | BPF_JEQ | BPF_K, value, 0, 1));
      Return(SECCOMP_RET_ALLOW);
    }
    Return(refusal_);
  }

  // Only when the argument has all bits of `set` if that is not 0, and none of `clear`.
  void AllowBits(int number, unsigned argument, uint32_t set, uint32_t clear) {
    Add(Jump(BPF_JMP | BPF_JEQ | BPF_K, static_cast<uint32_t>(number), 0, 6));
    Load(Argument(argument));
    Add(Jump(BPF_JMP | BPF_JSET | BPF_K, clear, 3, 0));
    Add(Statement(BPF_ALU | BPF_AND | BPF_K, set));
    Add(Jump(BPF_JMP | BPF_JEQ | BPF_K, set, 0, 1));
    Return(SECCOMP_RET_ALLOW);
    Return(refusal_);
  }

  // Fails with ENOSYS in every mode: the C library then takes the older call.
  void Hide(int number) {
    Add(Jump(BPF_JMP | BPF_JEQ | BPF_K, static_cast<uint32_t>(number), 0, 1));
    Return(SECCOMP_RET_ERRNO | ENOSYS);
  }

  sock_fprog Finish() {
    Return(refusal_);
    return {static_cast<unsigned short>(code_.size()), code_.data()};
  }

 private:
  void Add(sock_filter instruction) { code_.push_back(instruction); }
  void Load(uint32_t offset) { Add(Statement(BPF_LD | BPF_W | BPF_ABS, offset)); }
  void Return(uint32_t action) { Add(Statement(BPF_RET | BPF_K, action)); }

  const uint32_t refusal_;
  std::vector<sock_filter> code_;
};

void AddRules(Program* program) {
  for (const int number : kAllowed) program->Allow(number);

  // Threads, no processes. What clone3 is asked for lies in memory, where a filter cannot look.
  program->AllowBits(SYS_clone, 0, CLONE_THREAD | CLONE_VM, CLONE_NEWNS | CLONE_NEWUSER | CLONE_NEWPID);
#ifdef SYS_clone3
  program->Hide(SYS_clone3);
#endif

  constexpr uint32_t kFamilies[] = {AF_INET, AF_INET6, AF_UNIX,
#ifdef __GLIBC__
                                    AF_NETLINK,  // getaddrinfo(3) asks which families have addresses
#endif
  };
  program->AllowArgument(SYS_socket, 0, kFamilies);
  constexpr uint32_t kSetVma = 0x53564d41;  // PR_SET_VMA: an allocator names its memory
  constexpr uint32_t kThreadNames[] = {PR_SET_NAME, kSetVma};
  program->AllowArgument(SYS_prctl, 0, kThreadNames);

  // With glibc getaddrinfo(3) may load a library; a static program never makes code.
#ifdef __GLIBC__
  constexpr uint32_t kForbidden = 0;
#else
  constexpr uint32_t kForbidden = PROT_EXEC;
#endif
  program->AllowBits(SYS_mprotect, 2, 0, kForbidden);
#ifdef SYS_mmap2
  program->AllowBits(SYS_mmap2, 2, 0, kForbidden);
#endif
#ifdef SYS_mmap
  program->AllowBits(SYS_mmap, 2, 0, kForbidden);
#endif
}

}  // namespace

Status RestrictSystemCalls(SeccompMode mode) {
  if (PICKET_AUDIT_ARCH == 0) return Fail(ErrorCode::kUnavailable, "no seccomp filter for this processor");
  if (PICKET_SANITIZER) return Fail(ErrorCode::kUnavailable, "no seccomp filter in a sanitizer's build");
  Program program(mode == SeccompMode::kKill ? SECCOMP_RET_KILL_PROCESS
                                             : SECCOMP_RET_ERRNO | static_cast<uint32_t>(ENOSYS));
  AddRules(&program);
  const sock_fprog filter = program.Finish();
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
    return Fail(ErrorCode::kUnavailable, "no_new_privs: %s", strerror(errno));
  }
  // The log flag came with Linux 4.14; TSYNC puts all threads under the filter at once.
  for (const unsigned flags : {SECCOMP_FILTER_FLAG_TSYNC | SECCOMP_FILTER_FLAG_LOG, SECCOMP_FILTER_FLAG_TSYNC}) {
    const long result = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &filter);
    if (result == 0) return {};
    if (result > 0) return Fail(ErrorCode::kUnavailable, "seccomp: thread %ld cannot be put under the filter", result);
    if (errno != EINVAL) break;
  }
  return Fail(ErrorCode::kUnavailable, "seccomp: %s", strerror(errno));
}

}  // namespace picket
