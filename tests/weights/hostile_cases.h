#pragma once

#include <string>
#include <vector>

// Every malformed kind of model file that a loader must survive, made by hand.
namespace easel::test {

struct HostileCase {
  std::string name;
  std::string bytes;
  bool sound = false;  ///< odd but harmless: it must open, and every value must be readable
};

std::vector<HostileCase> hostile_common();
std::vector<HostileCase> hostile_safetensors();
std::vector<HostileCase> hostile_indexes();
std::vector<HostileCase> hostile_zips();
std::vector<HostileCase> hostile_pickles();
std::vector<HostileCase> hostile_legacy();

/// All of them.
std::vector<HostileCase> hostile_cases();

/// A small sound file of each format.
std::vector<HostileCase> seeds();

}  // namespace easel::test
