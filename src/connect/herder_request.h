// One request to the herder's thread: it is posted, executed in its turn and answered once.
// Threads: wait() from the asking one; the answer from any.
#pragma once

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>

#include "connect/herder.h"

namespace millrace {

template <typename T>
class HerderRequest {
 public:
  // False: the asking thread has gone, and its client has been told that the request failed.
  bool wanted() const {
    const std::scoped_lock lock{mutex_};
    return !given_up_;
  }

  void answer(std::optional<Reply<T>> reply) {
    {
      const std::scoped_lock lock{mutex_};
      if (answered_) return;
      answered_ = true;
      reply_ = std::move(reply);
    }
    changed_.notify_all();
  }

  // None: not in time, or nobody will answer any more.
  std::optional<Reply<T>> wait(std::chrono::milliseconds timeout) {
    std::unique_lock lock{mutex_};
    changed_.wait_for(lock, timeout, [&] { return answered_; });
    given_up_ = true;
    return std::move(reply_);
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<Reply<T>> reply_;
  bool answered_ = false, given_up_ = false;
};

// Held by whoever has still to answer; when the last one drops it unanswered, the asking thread is let go.
template <typename T>
class HerderAnswer {
 public:
  explicit HerderAnswer(std::shared_ptr<HerderRequest<T>> request)
      : request_{request.get(), [request](HerderRequest<T>* owed) { owed->answer(std::nullopt); }} {}
  void operator()(Reply<T> reply) const { request_->answer(std::move(reply)); }
  bool wanted() const { return request_->wanted(); }

 private:
  std::shared_ptr<HerderRequest<T>> request_;
};

}  // namespace millrace
