# One CMake target a folder of src/ ("room"), and one test program a folder of tests/.

set(EASEL_WARNINGS -Wall -Wextra -Wpedantic -Wshadow -Wconversion
    -Wno-missing-field-initializers
    $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>)  # false alarms on std::string, GCC bug 105651
if(EASEL_WERROR)
  list(APPEND EASEL_WARNINGS -Werror)
endif()
if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
  # Every x86-64 processor since 2010 (Westmere): what Highway calls SSE4 is the floor; the kernels
  # are compiled for AVX2 and AVX-512 besides and chosen at run time.
  add_compile_options(-march=x86-64-v2 -mpclmul -maes)
endif()
if(EASEL_SANITIZE)
  add_compile_options(-fsanitize=${EASEL_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer
                      -O1 -g1)
  add_link_options(-fsanitize=${EASEL_SANITIZE})
endif()

# Most of what a file costs is reading the same headers again, so eight files of a room are compiled as
# one. Names in their files' anonymous namespaces are therefore a room's own (tools/check_names.py).
# Apart stay kernels, each a unit for several processors; codecs, where a library's macros meet; and
# families, which name their parts alike.
set(EASEL_ROOMS_APART backend image embedded)
set(EASEL_FOLDERS_APART families)
# Rooms whose code no picture waits for: it answers people, files and sockets. GCC's -O1 compiles them in
# two thirds of the time of -O3.
set(EASEL_COLD_ROOMS cli server http work atelier store recipe fetch embedded)

# easel_library(NAME SOURCES...): a room's static library of these files.
function(easel_library name)
  add_library(easel_${name} STATIC ${ARGN})
  target_include_directories(easel_${name} PUBLIC ${PROJECT_SOURCE_DIR}/src)
  target_compile_options(easel_${name} PRIVATE ${EASEL_WARNINGS})
  if(name IN_LIST EASEL_COLD_ROOMS)
    target_compile_options(easel_${name} PRIVATE $<$<CONFIG:Release>:-O1>)
  endif()
  if(NOT name IN_LIST EASEL_ROOMS_APART)
    set_target_properties(easel_${name} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 8)
    list(FILTER ARGN INCLUDE REGEX "/${EASEL_FOLDERS_APART}/")
    set_source_files_properties(${ARGN} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
  endif()
endfunction()

# easel_room(NAME [rooms and libraries it uses...]): a static library of all *.cpp of this folder and
# the folders below it.
function(easel_room name)
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  if(NOT sources)
    add_library(easel_${name} INTERFACE)
    target_include_directories(easel_${name} INTERFACE ${PROJECT_SOURCE_DIR}/src)
    target_link_libraries(easel_${name} INTERFACE ${ARGN})
    return()
  endif()
  easel_library(${name} ${sources})
  target_link_libraries(easel_${name} PUBLIC ${ARGN})
endfunction()

# Optimising GoogleTest's templates is not worth its time.
function(easel_test_flags target)
  target_compile_options(${target} PRIVATE ${EASEL_WARNINGS} $<$<CONFIG:Release>:-O1>)
endfunction()

# easel_test(ROOM [libraries...]): tests/ROOM/*_test.cpp as one GoogleTest program, ROOM_test.
function(easel_test room)
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${room}/*.cpp)
  if(NOT sources)
    return()
  endif()
  add_executable(${room}_test ${sources})
  easel_test_flags(${room}_test)
  set_target_properties(${room}_test PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 6)
  target_include_directories(${room}_test PRIVATE ${PROJECT_SOURCE_DIR}/tests)
  target_compile_definitions(${room}_test PRIVATE
    EASEL_SOURCE_DIR="${PROJECT_SOURCE_DIR}" EASEL_BINARY_DIR="${PROJECT_BINARY_DIR}")
  target_link_libraries(${room}_test PRIVATE easel_${room} ${ARGN} GTest::gtest GTest::gmock GTest::gtest_main)
  add_test(NAME ${room} COMMAND ${room}_test)
endfunction()

# tests/parity as parity_test: it registers its tests from the fixture folders that it finds.
function(easel_parity_test)
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/parity/*.cpp)
  add_executable(parity_test ${sources})
  easel_test_flags(parity_test)
  target_include_directories(parity_test PRIVATE ${PROJECT_SOURCE_DIR}/tests)
  target_compile_definitions(parity_test PRIVATE EASEL_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  target_link_libraries(parity_test PRIVATE easel_pipeline GTest::gtest)
  add_test(NAME parity COMMAND parity_test)
endfunction()
