#include "cli/app.h"

int main(int argc, char** argv) { return easel::cli::run(argc, argv); }
