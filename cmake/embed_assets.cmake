# Turns the files of a folder into C++ constants, so that the program needs no file beside it.
#
#   cmake -DASSET_DIR=<folder> -DTEMPLATE=<file.in> -DOUTPUT=<file.cc> -P embed_assets.cmake
#
# TEMPLATE receives @ASSETS@: one NamedAsset initialiser per file, in order of name.

set(TYPE_html "text/html; charset=utf-8")
set(TYPE_js "text/javascript; charset=utf-8")
set(TYPE_css "text/css; charset=utf-8")

file(GLOB names RELATIVE ${ASSET_DIR} ${ASSET_DIR}/*)
list(SORT names)
set(ASSETS "")
foreach(name ${names})
  string(REGEX REPLACE ".*\\." "" extension ${name})
  if(NOT DEFINED TYPE_${extension})
    message(FATAL_ERROR "${ASSET_DIR}/${name}: no content type is known for .${extension}")
  endif()
  file(SHA256 ${ASSET_DIR}/${name} digest)
  string(SUBSTRING ${digest} 0 16 digest)
  file(SIZE ${ASSET_DIR}/${name} size)
  # Hex escapes keep any byte intact; short lines keep the file readable.
  file(READ ${ASSET_DIR}/${name} body HEX)
  string(REPEAT "." 56 line)
  string(REGEX REPLACE "(${line})" "\\1\n" body "${body}")
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "\\\\x\\1" body "${body}")
  string(REPLACE "\n" "\"\n        \"" body "${body}")
  string(APPEND ASSETS
    "    NamedAsset{\"/${name}\",\n      {\"${TYPE_${extension}}\",\n       std::string_view(\n"
    "        \"${body}\",\n        ${size}),\n       \"\\\"${digest}\\\"\"}},\n")
endforeach()
configure_file(${TEMPLATE} ${OUTPUT} @ONLY)
