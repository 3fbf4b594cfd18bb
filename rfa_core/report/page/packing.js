// The inverse of rfa_core/report/packing.py.
function unpacked(value) {
  if (Array.isArray(value)) return value.map(unpacked);
  if (value === null || typeof value !== "object") return value;
  if (!("$" in value)) {
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, unpacked(one)]));
  }
  const number = value.$;
  if ("all" in value) return Array.from({ length: number }, () => unpacked(value.all));
  if ("one" in value) {
    const ones = unpacked(value.one);
    return unpacked(value.at).map((place) => ones[place]);
  }
  const columns = Object.entries(value.of).map(([key, column]) => [key, unpacked(column)]);
  return Array.from({ length: number }, (_, row) =>
    Object.fromEntries(columns.map(([key, column]) => [key, column[row]])));
}

function embedded(id) {
  return unpacked(JSON.parse(document.getElementById(id).textContent));
}
