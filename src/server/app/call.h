#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

namespace easel::server {

/// Something to be done on a thread of the store, and what is done afterwards on the loop with what
/// it returned.
template <typename View>
struct Call {
  std::function<void(View&)> work;
  std::function<void()> then;
};

/// `then` takes what `work` returns, or nothing.
template <typename View, typename Work, typename Then>
Call<View> call_of(Work work, Then then) {
  using Result = std::invoke_result_t<const Work&, View&>;
  if constexpr (std::is_void_v<Result>) {
    return {std::move(work), std::move(then)};
  } else {
    const auto result = std::make_shared<std::optional<Result>>();
    return {[work = std::move(work), result](View& all) { result->emplace(work(all)); },
            [then = std::move(then), result] { then(std::move(**result)); }};
  }
}

}  // namespace easel::server
