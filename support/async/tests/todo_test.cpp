// What stands in the place of a step: it is loud, and a program can go on without it.
#include "async/todo.hpp"

#include <gtest/gtest.h>

namespace {

int unwritten() { async::todo("99.1"); }  // fits a function that returns something

TEST(Todo, names_the_step) {
  try {
    unwritten();
    FAIL() << "todo() returned";
  } catch (const async::Todo& missing) {
    EXPECT_STREQ(missing.what(), "TODO(99.1) is still to be written");
  }
}

TEST(Todo, written_runs_what_is_written) {
  int runs = 0;
  EXPECT_TRUE(async::written([&] { ++runs; }));
  EXPECT_EQ(runs, 1);
}

TEST(Todo, written_mentions_each_missing_step_once) {
  testing::internal::CaptureStderr();
  for (int i = 0; i < 3; ++i) {
    EXPECT_FALSE(async::written([] { async::todo("99.2"); }));
    EXPECT_FALSE(async::written([] { async::todo("99.3"); }));
  }
  EXPECT_EQ(testing::internal::GetCapturedStderr(),
            "TODO(99.2) is still to be written\nTODO(99.3) is still to be written\n");
}

TEST(Todo, written_lets_other_errors_pass) {
  EXPECT_THROW(async::written([] { throw std::runtime_error{"other"}; }), std::runtime_error);
}

}  // namespace
