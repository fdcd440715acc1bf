/** The text of a record of the stress programs: known to its writers and to the check. Characters beyond the BMP in each. */
export function stressRecord(id: string, number: number): string {
  return `${id} ${number} 😀𝔘é ${'x'.repeat((number * 7) % 160)}`;
}
