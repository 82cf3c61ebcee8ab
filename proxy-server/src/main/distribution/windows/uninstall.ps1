#Requires -Version 5.1
#Requires -RunAsAdministrator
<#
.SYNOPSIS
Removes the service of TLS Uplift.
.DESCRIPTION
Keeps the data directory: devices trust its CA.
#>
$ErrorActionPreference = 'Stop'
$service = 'tls-uplift'
if (Get-Service -Name $service -ErrorAction SilentlyContinue) {
  Stop-Service -Name $service
  & (Join-Path $PSScriptRoot 'bin\prunsrv.exe') "//DS//$service"
  if ($LASTEXITCODE -ne 0) {
    throw "prunsrv.exe: got exit code $LASTEXITCODE; expected 0"
  }
}
Get-NetFirewallRule -Name $service -ErrorAction SilentlyContinue | Remove-NetFirewallRule
Write-Output "The service was removed. The configuration and the CA stay in $(Join-Path $env:ProgramData 'TLS Uplift')."
