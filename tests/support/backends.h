#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "backend/onednn/onednn.h"
#include "backend/registry/registry.h"

namespace easel::testing {

/// A backend to run a test on.
struct BackendCase {
  std::string name;
  std::string target;

  std::unique_ptr<Backend> make(int threads = 2) const {
    return make_backend({.name = name, .threads = threads, .target = target});
  }
};

inline std::ostream& operator<<(std::ostream& out, const BackendCase& backend) {
  return out << backend.name << backend.target;
}

/// The reference, the cpu backend with every instruction set that this machine runs, and oneDNN in
/// float32 where Easel was built with it.
inline std::vector<BackendCase> all_backends() {
  std::vector<BackendCase> cases = {{"reference", ""}};
  for (const std::string& target : cpu_targets()) cases.push_back({"cpu", target});
  if (!onednn_targets().empty()) cases.push_back({"onednn", "f32"});
  return cases;
}

/// The one that people use.
inline BackendCase usual_backend() { return {"cpu", ""}; }

inline std::string backend_case_name(const ::testing::TestParamInfo<BackendCase>& info) {
  std::string name = info.param.name + info.param.target;
  std::erase_if(name, [](char c) { return std::isalnum(static_cast<unsigned char>(c)) == 0; });
  return name;
}

}  // namespace easel::testing
