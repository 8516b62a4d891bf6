#include "http/loop.h"

#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <csignal>
#include <utility>

#include "http/loop_impl.h"

namespace easel {
namespace {

namespace asio = boost::asio;
using Timer = std::shared_ptr<asio::steady_timer>;
using Work = std::shared_ptr<std::function<void()>>;

void repeat(Timer timer, std::chrono::milliseconds period, Work work) {
  timer->expires_after(period);
  timer->async_wait([timer, period, work](boost::system::error_code error) {
    if (error) return;
    (*work)();
    repeat(timer, period, work);
  });
}

void wait_for_signal(const std::shared_ptr<asio::signal_set>& signals,
                     const std::shared_ptr<std::function<void(int)>>& work) {
  signals->async_wait([signals, work](boost::system::error_code error, int signal) {
    if (error) return;
    (*work)(signal);
    wait_for_signal(signals, work);
  });
}

}  // namespace

Loop::Loop() : impl_(std::make_unique<Impl>()) {}
Loop::~Loop() = default;

void Loop::run() {
  const auto guard = asio::make_work_guard(impl_->context);
  impl_->context.run();
}

void Loop::stop() { impl_->context.stop(); }

void Loop::post(std::function<void()> work) { asio::post(impl_->context, std::move(work)); }

void Loop::every(std::chrono::milliseconds period, std::function<void()> work) {
  repeat(std::make_shared<asio::steady_timer>(impl_->context), period,
         std::make_shared<std::function<void()>>(std::move(work)));
}

void Loop::after(std::chrono::milliseconds delay, std::function<void()> work) {
  const auto timer = std::make_shared<asio::steady_timer>(impl_->context, delay);
  timer->async_wait([timer, work = std::move(work)](boost::system::error_code error) {
    if (!error) work();
  });
}

void Loop::on_signals(std::function<void(int)> work) {
  const auto signals = std::make_shared<asio::signal_set>(impl_->context, SIGINT, SIGTERM, SIGHUP);
  wait_for_signal(signals, std::make_shared<std::function<void(int)>>(std::move(work)));
}

}  // namespace easel
