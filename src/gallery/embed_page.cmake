# Writes OUT: the files NAMES of FOLDER as C++ string literals. Literals have a length limit in the
# standard (65,536); every file here is far below it.
set(text "#include \"gallery/page_files.h\"\n\nnamespace easel {\nnamespace {\n\nconstexpr PageFile kFiles[] = {\n")
foreach(name IN LISTS NAMES)
  file(READ ${FOLDER}/${name} content)
  string(APPEND text "    {\"${name}\", R\"easel_page(${content})easel_page\"},\n")
endforeach()
string(APPEND text "};\n\n}  // namespace\n\nstd::span<const PageFile> export_page_files() { return kFiles; }\n\n}  // namespace easel\n")
file(WRITE ${OUT} "${text}")
