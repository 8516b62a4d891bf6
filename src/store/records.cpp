#include "store/records.h"

#include <future>
#include <utility>

namespace easel {
namespace {

template <typename Post>
void wait_for(Post post) {
  std::promise<void> promise;
  post([&](std::exception_ptr error) {
    if (error) {
      promise.set_exception(std::move(error));
    } else {
      promise.set_value();
    }
  });
  promise.get_future().get();
}

}  // namespace

void Records::write_waiting(const Write& work) {
  wait_for([&](Done done) { write(work, std::move(done)); });
}

void Records::read_waiting(const Read& work) {
  wait_for([&](Done done) { read(work, std::move(done)); });
}

}  // namespace easel
