# Finds librdkafka: the static one that ./setup build made, else a newer one of the system. Sets LIBRDKAFKA, a target.
# The names hold the version, because find_library would keep the library of another version in the cache.
file(READ ${CMAKE_CURRENT_LIST_DIR}/Cargo.lock lock)
if(NOT lock MATCHES "name = \"rdkafka-sys\"\nversion = \"[^\"+]*\\+([0-9.]+)\"")
  message(FATAL_ERROR "third_party/librdkafka/Cargo.lock: no version of librdkafka behind the + of rdkafka-sys; run cargo update there")
endif()
set(version ${CMAKE_MATCH_1})
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/Cargo.lock)

if(DEFINED ENV{MILLRACE_CACHE})
  set(folder $ENV{MILLRACE_CACHE}/librdkafka-${version})
else()
  set(folder ${CMAKE_SOURCE_DIR}/.run/cache/librdkafka-${version})
endif()
cmake_path(ABSOLUTE_PATH folder BASE_DIRECTORY ${CMAKE_SOURCE_DIR})

if(EXISTS ${folder}/lib/pkgconfig/rdkafka.pc)
  set(ENV{PKG_CONFIG_PATH} "${folder}/lib/pkgconfig:$ENV{PKG_CONFIG_PATH}")
  string(REPLACE . _ name librdkafka_${version})
  pkg_check_modules(${name} REQUIRED IMPORTED_TARGET rdkafka=${version})
else()
  set(name librdkafka_of_system)
  pkg_check_modules(${name} IMPORTED_TARGET rdkafka>=2.6.1)   # older ones cannot log in to Kafka 4 by SCRAM
  if(NOT ${name}_FOUND)
    message(FATAL_ERROR "librdkafka ${version} is not in ${folder}, and the system has none of 2.6.1 or later. Run: ./setup build")
  endif()
endif()
set(LIBRDKAFKA PkgConfig::${name})
