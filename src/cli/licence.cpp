#include "cli/licence.h"

#include <unistd.h>

#include <iostream>

#include "cli/console.h"
#include "core/error.h"

namespace easel::cli {

void require_licence(const std::string& model, const fetch::Licence& licence, bool accepted) {
  if (!licence.must_be_accepted()) return;
  print_error_line(fmt::format("'{}' has the licence {}: {} Its text: {}", model, licence.name,
                               licence.gist, licence.url));
  if (accepted) return;
  if (isatty(STDIN_FILENO) != 0 && isatty(STDERR_FILENO) != 0) {
    print_error_line("Do you accept it? (yes or no)");
    std::string answer;
    std::getline(std::cin, answer);
    if (answer == "yes") return;
    fail(ErrorCode::kUsage, "the licence was not accepted, nothing is fetched");
  }
  fail(
      ErrorCode::kUsage,
      "the licence of '{}' ({}) must be accepted before anything is fetched: --accept-licence does",
      model, licence.name);
}

}  // namespace easel::cli
