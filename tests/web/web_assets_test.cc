#include "expose/web_assets.h"

#include <filesystem>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

namespace guardwatch {
namespace {

namespace fs = std::filesystem;

std::string ReadFile(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

TEST(WebAssets, HoldEveryFileOfThePageByteForByte) {
  int files = 0;
  for (const auto& entry : fs::directory_iterator(GUARDWATCH_SOURCE_DIR "/lib/expose/web")) {
    const std::string name = entry.path().filename().string();
    const auto asset = FindWebAsset("/" + name);
    ASSERT_TRUE(asset) << name;
    EXPECT_EQ(asset->body, ReadFile(entry.path())) << name;
    ++files;
  }
  EXPECT_GT(files, 2);
}

TEST(WebAssets, RootIsThePage) {
  const auto root = FindWebAsset("/");
  const auto page = FindWebAsset("/index.html");
  ASSERT_TRUE(root && page);
  EXPECT_EQ(root->body, page->body);
  EXPECT_EQ(root->content_type, "text/html; charset=utf-8");
}

TEST(WebAssets, ModulesAndStyleHaveTheTypesThatBrowsersInsistOn) {
  ASSERT_TRUE(FindWebAsset("/app.js") && FindWebAsset("/app.css"));
  EXPECT_EQ(FindWebAsset("/app.js")->content_type, "text/javascript; charset=utf-8");
  EXPECT_EQ(FindWebAsset("/app.css")->content_type, "text/css; charset=utf-8");
}

TEST(WebAssets, DifferentBodiesHaveDifferentQuotedTags) {
  const auto script = FindWebAsset("/app.js");
  const auto style = FindWebAsset("/app.css");
  ASSERT_TRUE(script && style);
  EXPECT_NE(script->etag, style->etag);
  EXPECT_EQ(script->etag.size(), 18u);
  EXPECT_EQ(script->etag.front(), '"');
  EXPECT_EQ(script->etag.back(), '"');
}

TEST(WebAssets, NothingElseIsServed) {
  EXPECT_FALSE(FindWebAsset(""));
  EXPECT_FALSE(FindWebAsset("/missing.js"));
  EXPECT_FALSE(FindWebAsset("/../CMakeLists.txt"));
  EXPECT_FALSE(FindWebAsset("index.html"));
}

TEST(WebAssets, PolicyAllowsNoInlineCodeAndNoForeignHost) {
  EXPECT_EQ(kContentSecurityPolicy.find("unsafe"), std::string_view::npos);
  EXPECT_EQ(kContentSecurityPolicy.find("http"), std::string_view::npos);
  EXPECT_EQ(kContentSecurityPolicy.find('*'), std::string_view::npos);
  EXPECT_TRUE(kContentSecurityPolicy.starts_with("default-src 'none'"));
}

}  // namespace
}  // namespace guardwatch
