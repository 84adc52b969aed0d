export { writeReport, type Report, type ReportOptions } from './write-report.ts'
