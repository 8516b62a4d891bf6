#pragma once

#include <functional>
#include <string>
#include <vector>

#include "form.h"
#include "support/backends.h"

namespace easel::parity {

/// Adds a case for every backend and instruction set of this machine.
inline void on_every_backend(std::vector<Case>& cases, const std::string& name,
                             const std::function<void(const testing::BackendCase&)>& run) {
  for (const testing::BackendCase& backend : testing::all_backends()) {
    cases.push_back(
        {name + "/" + testing::backend_case_name({backend, 0}), [run, backend] { run(backend); }});
  }
}

}  // namespace easel::parity
