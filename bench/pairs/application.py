"""A C++ program of some size: forty modules that read and write JSON, and OpenSSL, in one static file. In the new one
two of the modules have changed; both are built by the compiler that is here."""

import concurrent.futures
import os
import subprocess
import sys

from debian import unpack

MODULES = 40
CHANGED = {12, 27}
JSON_LIBRARY = ("nlohmann-json3-dev", "3.11.2-2")
COMPILE = ["g++", "-std=c++17", "-O2", "-fPIE", "-ffile-prefix-map={folder}=.", "-I{folder}/json/usr/include"]
FIELDS = [("std::string", "name"), ("std::int64_t", "count"), ("double", "weight"), ("std::vector<std::string>", "tags"),
          ("bool", "active"), ("std::map<std::string, std::int64_t>", "limits")]

HEAD = """#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <vector>
#include <nlohmann/json.hpp>
"""


def module(number, is_new):
    """A record type of its own, read from JSON, checked, summed up and written."""
    fields = [(kind, f"{name}_{(number * 7 + place) % 50}") for place, (kind, name) in enumerate(FIELDS * 2)
              if (number + place) % 5]
    fields = [(kind, f"{name}_{place}") for place, (kind, name) in enumerate(fields)]
    is_changed = is_new and number in CHANGED
    if is_changed:
        fields.append(("std::map<std::string, std::vector<double>>", "history"))
        fields.append(("std::vector<std::int64_t>", "samples"))
    members = "\n".join(f"  {kind} {name}{{}};" for kind, name in fields)
    reads = "\n".join(f'  value.at("{name}").get_to(record.{name});' for _, name in fields)
    writes = "\n".join(f'  value["{name}"] = record.{name};' for _, name in fields)
    sums = "\n".join(f"    sum += record.{name}{'.size()' if '::' in kind and 'int64_t ' not in kind + ' ' else ''};"
                     for kind, name in fields if kind != "bool")
    more = ""
    if is_changed:
        more = f"""
  for (Record& record : records) {{
    std::sort(record.samples.begin(), record.samples.end());
    for (const auto& [name, values] : record.history) {{
      if (name.find_first_not_of("abcdefghijklmnopqrstuvwxyz_") != std::string::npos) throw std::runtime_error("module {number} does not take " + name);
      for (const double value : values) sum += value;
    }}
  }}
  if (records.size() > {number}) throw std::runtime_error("module {number} takes no more than {number} records");
  for (const Record& record : records) sum += to_json(record).dump(2).size();"""
    return f"""{HEAD}namespace module_{number} {{
struct Record {{
{members}
}};
Record from_json(const nlohmann::json& value) {{
  Record record;
{reads}
  return record;
}}
nlohmann::json to_json(const Record& record) {{
  nlohmann::json value;
{writes}
  return value;
}}
std::string run(const std::string& text) {{
  std::vector<Record> records;
  for (const auto& value : nlohmann::json::parse(text)) records.push_back(from_json(value));
  double sum = {number};
  for (const Record& record : records) {{
{sums}
  }}{more}
  nlohmann::json out = nlohmann::json::array();
  for (const Record& record : records) out.push_back(to_json(record));
  return out.dump() + std::to_string(sum);
}}
}}  // namespace module_{number}
"""


def program():
    names = "".join(f"namespace module_{n} {{ std::string run(const std::string& text); }}\n" for n in range(MODULES))
    calls = "".join(f"    if (which == {n}) std::puts(module_{n}::run(argv[2]).c_str());\n" for n in range(MODULES))
    return f"""#include <openssl/ssl.h>
#include <cstdio>
#include <cstdlib>
#include <string>
{names}int main(int argc, char** argv) {{
  SSL_CTX* context = SSL_CTX_new(TLS_method());
  if (context == nullptr || SSL_CTX_set_default_verify_paths(context) != 1) return 1;
  if (argc == 3) {{
    const int which = std::atoi(argv[1]);
{calls}  }}
  SSL_CTX_free(context);
}}
"""


def compiled(folder, name, source):
    path = folder / f"{name}.cc"
    path.write_text(source)
    words = [word.format(folder=folder) for word in COMPILE]
    subprocess.run([*words, "-c", path, "-o", path.with_suffix(".o")], check=True)
    return path.with_suffix(".o")


def linked(objects, out):
    subprocess.run(["g++", "-static-pie", "-o", out, *objects, "-lssl", "-lcrypto", "-ldl", "-pthread"], check=True,
                   stderr=subprocess.DEVNULL)
    subprocess.run(["strip", out], check=True)


def application(folder):
    print("pairs: compiling an application (some minutes)", file=sys.stderr)
    unpack(*JSON_LIBRARY, folder / "json")
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        main = pool.submit(compiled, folder, "main", program())
        old = [pool.submit(compiled, folder, f"module_{n}", module(n, False)) for n in range(MODULES)]
        new = {n: pool.submit(compiled, folder, f"new_module_{n}", module(n, True)) for n in CHANGED}
        linked([main.result(), *(job.result() for job in old)], folder / "old")
        linked([main.result(), *(new[n].result() if n in new else job.result() for n, job in enumerate(old))],
               folder / "new")
