// holdfast-delta-make: what `holdfast-delta make` runs.
#include "programs/holdfast_delta/make.h"

int main(int argc, char** argv) {
  using namespace holdfast;
  const cli::Program program{"holdfast-delta-make",
                             "Writes a delta that makes NEW from OLD.",
                             cli::kExitCodes,
                             {{"",
                               "",
                               {{"OLD", "OLD", "the image that devices have", true},
                                {"NEW", "NEW", "the image that they shall have", true},
                                {"DELTA", "DELTA", "the delta to write", true}},
                               "  holdfast-delta-make root-1.erofs root-2.erofs root-1-to-2.delta",
                               programs::make_delta_file}}};
  return cli::run_program(program, argc, argv);
}
